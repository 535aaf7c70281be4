import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../statistics/random.ts';
import type { Random } from '../statistics/random.ts';
import { addObservation, emptyEvidence } from './evidence.ts';
import { candidateRequests, candidateWeight, isHarmProven, judgeRollout } from './judge.ts';
import type { Rollout, RolloutGuard, RolloutMetric, RolloutSpec } from './types.ts';

const HOUR = 3_600_000;

function guard(metric: RolloutMetric, more: Partial<RolloutGuard> = {}): RolloutGuard {
  return { metric, sloMs: metric === 'slow' ? 250 : null, tolerance: 1, noWorseThan: 1.5, margin: 0.02, required: true, ...more };
}

function start(more: Partial<RolloutSpec> = {}): Rollout {
  const spec: RolloutSpec = {
    name: 'spam',
    endpoint: 'spam',
    model: 'm',
    automatic: true,
    steps: [
      { weight: 0.1, minRequests: 100, minMs: HOUR, require: 'not_worse' },
      { weight: 0.5, minRequests: 300, minMs: HOUR, require: 'fine' },
    ],
    guards: [guard('failures')],
    alpha: 0.05,
    maxStepMs: 24 * HOUR,
    onTimeout: 'hold',
    ...more,
  };
  return {
    id: 'r',
    endpoint: 'spam',
    model: 'm',
    candidate: 2,
    stable: 1,
    spec,
    state: 'running',
    step: 0,
    startedAt: 0,
    stepStartedAt: 0,
    endedAt: null,
    stepBase: 0,
    evidence: spec.guards.map(emptyEvidence),
    verdict: 'INCONCLUSIVE',
    reason: 'started',
    actor: 'user:test',
    revision: 1,
  };
}

interface Seen {
  readonly metric?: RolloutMetric;
  readonly candidate: boolean;
  readonly event: boolean;
}

function see(rollout: Rollout, times: number, { metric = 'failures', ...seen }: Seen): Rollout {
  let { evidence } = rollout;
  for (let count = 0; count < times; count++) {
    const one = { ...seen, metric, unit: String(count), weight: candidateWeight(rollout) };
    evidence = evidence.map((held) => (held.metric === metric ? addObservation(held, one) : held));
  }
  return { ...rollout, evidence };
}

const healthy = (rollout: Rollout, candidates: number): Rollout =>
  see(see(rollout, candidates, { candidate: true, event: false }), candidates, { candidate: false, event: false });

describe('judging a rollout', () => {
  test('a ramp step goes on when its requests and its time are there, and no harm is seen', () => {
    const enough = healthy(start(), 100);
    assert.equal(judgeRollout(enough, HOUR).action, 'advance');
    assert.equal(judgeRollout(enough, HOUR - 1).action, 'wait');
    const short = judgeRollout(healthy(start(), 99), HOUR);
    assert.equal(short.action, 'wait');
    assert.match(short.reason, /1 more candidate requests/);
  });

  test('requests of earlier steps do not count toward a step', () => {
    const second = { ...healthy(start(), 350), step: 1, stepBase: 100 };
    assert.match(judgeRollout(second, HOUR).reason, /50 more candidate requests/);
    assert.equal(judgeRollout({ ...second, stepBase: 50 }, HOUR).action, 'promote');
  });

  test('the last step promotes only when every required guard is proven fine', () => {
    const spec = { guards: [guard('failures'), guard('wrong'), guard('slow', { required: false })] };
    const open = { ...healthy(start(spec), 400), step: 1 };
    const judged = judgeRollout(open, HOUR);
    assert.equal(judged.action, 'wait');
    assert.match(judged.reason, /proof for wrong/);
    const labelled = see(see(open, 400, { metric: 'wrong', candidate: true, event: false }), 400, {
      metric: 'wrong',
      candidate: false,
      event: false,
    });
    assert.equal(judgeRollout(labelled, HOUR).action, 'promote');
    assert.match(judgeRollout(labelled, HOUR).reason, /failures candidate 0\/400, stable 0\/400, e-value .* ≥ 60/);
  });

  test('harm rolls back in every state that is not final, in any guard, required or not', () => {
    for (const state of ['running', 'held'] as const) {
      const rollout = { ...start({ guards: [guard('failures'), guard('slow', { required: false })] }), state };
      const harmed = see(rollout, 20, { metric: 'slow', candidate: true, event: true });
      const { action, verdict, reason } = judgeRollout(harmed, 0);
      assert.deepEqual([action, verdict], ['roll_back', 'FAIL']);
      assert.match(reason, /slow candidate 20\/20, stable 0\/0, e-value .* ≥ 80/);
      assert.equal(isHarmProven(harmed), true);
    }
    assert.equal(isHarmProven(start()), false);
  });

  test('where the means are the proof the reason names their bound, not an e-value that proves nothing', () => {
    // A ratio of 1.05 can hardly be excluded, a difference of 20 points soon.
    let rollout: Rollout = { ...start({ guards: [guard('failures', { margin: 0.2, noWorseThan: 1.05 })] }), step: 1 };
    for (let round = 0; round < 1200; round++) {
      for (const candidate of [true, false]) rollout = see(rollout, 1, { candidate, event: round % 3 === 0 });
    }
    const { action, guards, reason } = judgeRollout(rollout, HOUR);
    const [only] = guards;
    assert.ok(only !== undefined && only.upper !== null && Math.max(only.noWorse, only.belowMargin) < only.fineThreshold);
    assert.equal(action, 'promote');
    assert.ok(reason.endsWith(`difference at most ${(100 * only.upper).toFixed(2)} points`), reason);
  });

  test('the longest time of a step ends as declared, and a held rollout waits for a person', () => {
    const late = healthy(start(), 5);
    assert.deepEqual([judgeRollout(late, 24 * HOUR).action, judgeRollout(late, 24 * HOUR).verdict], ['hold', 'INCONCLUSIVE']);
    assert.equal(judgeRollout(late, 24 * HOUR - 1).action, 'wait');
    assert.equal(judgeRollout(healthy(start({ onTimeout: 'rollback' }), 5), 24 * HOUR).action, 'roll_back');
    assert.equal(judgeRollout(healthy(start({ onTimeout: 'promote' }), 5), 24 * HOUR).action, 'promote');
    const held: Rollout = { ...healthy(start(), 1000), state: 'held', reason: 'waiting for a person' };
    assert.deepEqual([judgeRollout(held, 99 * HOUR).action, judgeRollout(held, 99 * HOUR).reason], ['wait', 'waiting for a person']);
  });

  test('a step that passes just as its time runs out passes', () => {
    assert.equal(judgeRollout(healthy(start(), 100), 24 * HOUR).action, 'advance');
  });

  test('weights: of the step while it runs or is held, else nothing', () => {
    for (const [state, weight] of [
      ['running', 0.1],
      ['held', 0.1],
      ['promoted', 0],
      ['rolled_back', 0],
      ['superseded', 0],
    ] as const)
      assert.equal(candidateWeight({ ...start(), state }), weight);
  });

  test('where labels are the only evidence, the labelled requests are those of the steps', () => {
    const rollout = see(start({ guards: [guard('wrong')] }), 100, { metric: 'wrong', candidate: true, event: false });
    assert.equal(candidateRequests(rollout), 100);
    assert.equal(judgeRollout(rollout, HOUR).action, 'advance');
    // With a guard over all answers, labels are the smaller count of the same requests.
    const both = see(start({ guards: [guard('failures'), guard('wrong')] }), 7, { metric: 'wrong', candidate: true, event: false });
    assert.equal(candidateRequests(both), 0);
  });
});

/** Requests until rollback over a ramp 10 → 50 % while stable's error rate goes 1 → 2 → 3 %, asked after every event; null when it never comes. */
function untilRollback(random: Random, ratio: number): number | null {
  let rollout = start({ guards: [guard('failures'), guard('wrong')] });
  for (let request = 0; request < 3000; request++) {
    const phase = Math.floor(request / 1000);
    rollout = { ...rollout, step: phase === 0 ? 0 : 1 };
    const rate = 0.01 * (phase + 1);
    const candidate = random.next() < candidateWeight(rollout);
    const before = rollout.evidence;
    for (const metric of ['failures', 'wrong'] as const)
      rollout = see(rollout, 1, { metric, candidate, event: random.next() < rate * (candidate ? ratio : 1) });
    const isEvent = rollout.evidence.some(
      (one, at) => one.candidate.events + one.stable.events > (before[at]?.candidate.events ?? 0) + (before[at]?.stable.events ?? 0),
    );
    if (isEvent && isHarmProven(rollout)) return request;
  }
  return null;
}

test('a healthy candidate is rolled back in at most 5 % over a ramp with drifting rates, two guards and a look at each event; one three times worse is caught', () => {
  const random = createRandom(99);
  const runs = 200;
  let rolledBack = 0;
  for (let run = 0; run < runs; run++) if (untilRollback(random, 1) !== null) rolledBack++;
  assert.ok(rolledBack / runs <= 0.05, `healthy: ${rolledBack} of ${runs}`);
  let caught = 0;
  for (let run = 0; run < 40; run++) if (untilRollback(random, 3) !== null) caught++;
  assert.ok(caught >= 34, `three times worse: ${caught} of 40`);
});

/** A rollout over 400 users, each in one arm while its hash says so, 5 % of whom fail 40 % of the time: asked at each event; true when it is rolled back. */
function sticky(random: Random, ratio: number): boolean {
  let rollout = start();
  const users = Array.from({ length: 400 }, (_, index) => ({
    hash: random.next(),
    rate: index % 20 === 0 ? 0.4 : 0,
    seen: false,
    failed: false,
  }));
  for (let request = 0; request < 4000; request++) {
    rollout = { ...rollout, step: request < 2000 ? 0 : 1 };
    const user = users[random.integer(users.length)];
    if (user === undefined) continue;
    const weight = candidateWeight(rollout);
    const candidate = user.hash < weight;
    // With a ratio the candidate fails for those who are well with stable too.
    const event = random.next() < (candidate && ratio > 1 ? 0.05 * ratio : user.rate);
    const first = !user.seen;
    const firstEvent = event && !user.failed;
    user.seen = true;
    user.failed ||= event;
    if (!first && !firstEvent) continue;
    const evidence = rollout.evidence.map((held) =>
      addObservation(held, { metric: 'failures', candidate, weight, event, unit: '', later: !first }),
    );
    rollout = { ...rollout, evidence };
    if (event && isHarmProven(rollout)) return true;
  }
  return false;
}

test('sticky users who come again: a healthy candidate is rolled back in at most 5 %, and one that fails those already counted is caught', () => {
  const random = createRandom(17);
  let healthy = 0;
  for (let run = 0; run < 300; run++) if (sticky(random, 1)) healthy++;
  assert.ok(healthy / 300 <= 0.05, `healthy: ${healthy} of 300`);
  let caught = 0;
  for (let run = 0; run < 30; run++) if (sticky(random, 5)) caught++;
  assert.ok(caught >= 28, `caught: ${caught} of 30`);
});
