import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../statistics/random.ts';
import { addObservation, belowMarginEvidence, emptyEvidence, judgeGuard } from './evidence.ts';
import type { GuardEvidence, RolloutGuard } from './types.ts';

const guard: RolloutGuard = { metric: 'failures', sloMs: null, tolerance: 1, noWorseThan: 1.5, margin: 0.02, required: true };

interface Units {
  readonly candidate: boolean;
  readonly event: boolean;
  readonly weight: number;
  readonly times: number;
}

function fold(...units: readonly Units[]): GuardEvidence {
  let evidence = emptyEvidence(guard);
  for (const { times, ...one } of units) {
    for (let count = 0; count < times; count++) evidence = addObservation(evidence, { ...one, metric: 'failures', unit: String(count) });
  }
  return evidence;
}

const judge = (evidence: GuardEvidence) => judgeGuard(guard, evidence, 0.05, 0.05);
const failures = (candidate: number, stable: number, weight: number): GuardEvidence =>
  fold({ candidate: true, event: true, weight, times: candidate }, { candidate: false, event: true, weight, times: stable });

describe('evidence of a guard', () => {
  test('harm has the e-values of the published check', () => {
    for (const [weight, candidate, stable, expected] of [
      [0.5, 12, 3, 8.4275096],
      [0.1, 8, 20, 14.5572136],
      [0.05, 3, 7, 9.3538415],
      [0.5, 3, 3, 0.5961669],
    ] as const) {
      const { harm } = judge(failures(candidate, stable, weight));
      assert.ok(Math.abs(harm - expected) < 5e-8, `${candidate}/${stable} at ${weight}: ${harm}`);
    }
  });

  test('events that nothing answers for roll back at 2/alpha, because the means may roll back too', () => {
    assert.notEqual(judge(failures(8, 0, 0.5)).verdict, 'worse');
    assert.equal(judge(failures(9, 0, 0.5)).verdict, 'worse');
    assert.equal(judge(failures(9, 0, 0.5)).harmThreshold, 40);
  });

  test('at weight 0 and 1 nothing was drawn: units are counted and no test learns', () => {
    const start = emptyEvidence(guard);
    for (const weight of [0, 1, -0.1, 1.5]) {
      const evidence = fold({ candidate: true, event: true, weight, times: 50 }, { candidate: false, event: false, weight, times: 50 });
      assert.deepEqual(
        [evidence.candidate, evidence.stable],
        [
          { requests: 50, events: 50 },
          { requests: 50, events: 0 },
        ],
      );
      assert.deepEqual(evidence.tests, start.tests);
      assert.equal(judge(evidence).harm, 1);
    }
  });

  test('the later event of a unit speaks of the ratio only: means keep to first outcomes', () => {
    const seen = fold({ candidate: true, event: false, weight: 0.5, times: 3 });
    const later = addObservation(seen, { metric: 'failures', candidate: true, event: true, weight: 0.5, unit: '0', later: true });
    assert.deepEqual(later.tests['mean'], seen.tests['mean']);
    assert.deepEqual(later.tests['event'], failures(1, 0, 0.5).tests['event']);
    assert.deepEqual(later.candidate, { requests: 4, events: 1 });
  });

  test('an arm that nobody saw is not enough data, and evidence survives being written down', () => {
    assert.equal(judge(emptyEvidence(guard)).verdict, 'not_enough_data');
    assert.equal(judge(fold({ candidate: false, event: false, weight: 0.1, times: 900 })).verdict, 'not_enough_data');
    const evidence = failures(12, 3, 0.5);
    assert.deepEqual(JSON.parse(JSON.stringify(evidence)), evidence);
    assert.equal(judge(JSON.parse(JSON.stringify(evidence)) as GuardEvidence).harm, judge(evidence).harm);
  });

  test('no event at all is fine once the margin is excluded: (1/4)·(1/.98)^n ≥ 60 and more from the other bets', () => {
    const quiet = (times: number) =>
      fold({ candidate: true, event: false, weight: 0.5, times }, { candidate: false, event: false, weight: 0.5, times });
    assert.equal(judge(quiet(200)).verdict, 'undecided');
    assert.equal(judge(quiet(280)).verdict, 'fine');
  });

  test('means prove harm only without a tolerance, and from 500 an arm on', () => {
    const evidence = (times: number): GuardEvidence => {
      let held = emptyEvidence(guard);
      for (let one = 0; one < times * 2; one++) {
        const candidate = one % 2 === 0;
        held = addObservation(held, {
          metric: 'failures',
          unit: String(one),
          candidate,
          weight: 0.5,
          event: candidate ? one % 4 === 0 : one % 20 === 1,
        });
      }
      return held;
    };
    assert.equal(judge(evidence(499)).lower, null);
    const { lower } = judge(evidence(1000));
    assert.ok(lower !== null && lower > 0);
    const tolerant = { ...guard, tolerance: 100 };
    const judged = judgeGuard(
      tolerant,
      { ...evidence(1000), tests: { ...evidence(1000).tests, event: emptyEvidence(tolerant).tests['event'] ?? null } },
      0.05,
      0.05,
    );
    assert.notEqual(judged.verdict, 'worse');
  });
});

describe('evidence that the rate lies below the margin', () => {
  test('golden: no event among n is the mean of ((1 − r)/(1 − m))^n over r = 0, .1m, .25m, .5m', () => {
    // 0.98^−100 = 7.5401, (.998/.98)^100 = 6.1722, (.995/.98)^100 = 4.5676, (.99/.98)^100 = 2.7599; mean 5.2600.
    assert.ok(Math.abs(belowMarginEvidence(100, 0, 0.02) - 5.26) < 0.005);
    assert.equal(belowMarginEvidence(0, 0, 0.02), 1);
    // One event: the bet on 0 is lost for good.
    assert.ok(belowMarginEvidence(100, 1, 0.02) < belowMarginEvidence(100, 0, 0.02) / 2);
  });

  test('no margin, no rate below it; a million quiet requests do not turn into NaN', () => {
    assert.equal(belowMarginEvidence(500, 3, 0), 1);
    assert.equal(belowMarginEvidence(500, 0, 0), 1);
    assert.ok(belowMarginEvidence(5_000_000, 0, 0.02) > 1e300);
    assert.ok(belowMarginEvidence(10, 10, 0.02) < 1e-3);
  });

  test('a rate at the margin, looked at after every request, exceeds 1/alpha in at most alpha of the runs', () => {
    const random = createRandom(404);
    const runs = 1500;
    const alpha = 0.05;
    let fooled = 0;
    for (let run = 0; run < runs; run++) {
      let events = 0;
      for (let requests = 1; requests <= 1500; requests++) {
        if (random.next() < 0.02) events++;
        if (belowMarginEvidence(requests, events, 0.02) >= 1 / alpha) {
          fooled++;
          break;
        }
      }
    }
    // Two standard errors over the promise.
    assert.ok(fooled / runs <= alpha + 2 * Math.sqrt((alpha * (1 - alpha)) / runs), `${fooled} of ${runs}`);
    assert.ok(fooled > 0, 'the simulation never comes near the promise: it proves nothing');
  });
});
