import assert from 'node:assert/strict';
import { addObservation, emptyEvidence, isFault, isHarmProven } from '@pawl/core';
import type { FaultCode, PredictionRecord, Rollout, RolloutSpec } from '@pawl/core';
import { createSeededRandom } from '@pawl/drivers';
import { createRolloutController, createRouteTable } from '@pawl/engine';
import { HOUR, START, prediction, settle, testOnEach, truth } from './rig.ts';
import type { Rig } from './rig.ts';
import { guard, serve, spec } from './traffic.ts';

const has = (code: FaultCode) => (error: unknown) => isFault(error, code);
const ID = 'a'.repeat(32);

/** Three versions; the first answers at the endpoint, the second is on its way. */
async function begin(rig: Rig, more: Partial<RolloutSpec> = {}): Promise<Rollout> {
  const wanted = spec(more);
  if ((await rig.database.read.models.get('spam-filter')) === undefined) for (const x of [1, 2, 3]) await rig.register({ x }, 0);
  await rig.database.transaction((tx) => rig.rollouts.define(tx, wanted));
  const { endpoint } = wanted;
  await rig.rollouts.start({ id: rig.ids.next(), endpoint, candidate: 1, actor: 'user:ann' });
  const id = endpoint === 'spam' ? ID : rig.ids.next();
  return rig.rollouts.start({ id, endpoint, candidate: 2, actor: 'user:ann' });
}

const controllerOf = (rig: Pick<Rig, 'ports' | 'models'>) => createRolloutController({ ...rig.ports, models: rig.models });

/** Where traffic goes: share of each version. */
async function routes(rig: Rig, endpoint = 'spam'): Promise<Readonly<Record<number, number>>> {
  const table = createRouteTable(rig);
  await table.tick();
  const route = table.current().find((one) => one.endpoint === endpoint);
  return Object.fromEntries((route?.arms ?? []).map((arm) => [arm.version, arm.weight]));
}

const counts = (rollout: Rollout, metric: string) => {
  const found = rollout.evidence.find((one) => one.metric === metric);
  return [found?.stable.requests, found?.stable.events, found?.candidate.requests, found?.candidate.events];
};

testOnEach('a healthy candidate climbs the steps and is promoted, traffic and stages with it', async (rig) => {
  const controller = controllerOf(rig);
  const random = createSeededRandom('healthy');
  let rollout = await begin(rig);
  assert.deepEqual(await routes(rig), { 1: 0.8, 2: 0.2 });
  assert.equal((await rig.models.version('spam-filter', '2')).stage, 'Staging');
  const weights = new Set<number | undefined>();
  for (let day = 0; day < 40 && rollout.state === 'running'; day++) {
    weights.add((await routes(rig))[2]);
    const { records, labels } = serve(random, rollout, 150, { stable: 0.01, candidate: 0.01 });
    await rig.predict(records);
    await rig.label(labels);
    await settle(controller);
    rollout = await rig.rollouts.get(ID);
  }
  assert.deepEqual([rollout.state, rollout.verdict], ['promoted', 'PASS'], rollout.reason);
  assert.deepEqual([...weights], [0.2, 0.5]);
  assert.match(rollout.reason, /proven no worse: failures .*; wrong /);
  assert.deepEqual(await routes(rig), { 2: 1 });
  const stages = await Promise.all(['1', '2', '3'].map(async (which) => (await rig.models.version('spam-filter', which)).stage));
  assert.deepEqual(stages, ['Archived', 'Production', 'None']);
  const types = (await rig.eventTypes()).filter((type) => type.startsWith('rollout.') && type !== 'rollout.defined');
  assert.deepEqual(types, ['rollout.started', 'rollout.promoted', 'rollout.started', 'rollout.advanced', 'rollout.promoted']);
});

testOnEach('a candidate that fails is rolled back: no traffic, no stage, and what comes late changes nothing', async (rig) => {
  const controller = controllerOf(rig);
  const rollout = await begin(rig);
  const random = createSeededRandom('sick');
  await rig.predict(serve(random, rollout, 400, { stable: 0.02, candidate: 0.4 }).records);
  await settle(controller);
  const ended = await rig.rollouts.get(ID);
  assert.deepEqual([ended.state, ended.verdict], ['rolled_back', 'FAIL']);
  assert.match(ended.reason, /candidate is worse: failures/);
  assert.deepEqual(await routes(rig), { 1: 1 });
  assert.equal((await rig.rollouts.endpoint('spam')).rollout, null);
  assert.equal((await rig.models.version('spam-filter', '2')).stage, 'Archived');
  assert.equal((await rig.models.version('spam-filter', 'Production')).version, 1);
  await rig.predict(serve(random, rollout, 100, { stable: 0, candidate: 1 }).records);
  await settle(controller);
  assert.deepEqual(await rig.rollouts.get(ID), ended);
  await assert.rejects(rig.rollouts.decide({ id: ID, decision: 'promote', reason: 'x', actor: 'user:ann' }), has('rollout_ended'));
  assert.equal((await rig.eventTypes()).filter((type) => type === 'rollout.rolled_back').length, 1);
});

testOnEach('without an end in its time a rollout holds: its share stays, harm still ends it, and a person may', async (rig) => {
  const controller = controllerOf(rig);
  const rollout = await begin(rig);
  const random = createSeededRandom('hold');
  await rig.predict(serve(random, rollout, 30, { stable: 0, candidate: 0 }).records);
  await settle(controller);
  rig.clock.advanceBy(25 * HOUR);
  await settle(controller);
  const held = await rig.rollouts.get(ID);
  assert.deepEqual([held.state, held.verdict], ['held', 'INCONCLUSIVE']);
  assert.match(held.reason, /waiting for a person/);
  assert.deepEqual(await routes(rig), { 1: 0.8, 2: 0.2 });
  rig.clock.advanceBy(25 * HOUR);
  await settle(controller);
  assert.equal((await rig.eventTypes()).filter((type) => type === 'rollout.held').length, 1);
  await rig.predict(serve(random, held, 300, { stable: 0.01, candidate: 0.5 }).records);
  await settle(controller);
  assert.equal((await rig.rollouts.get(ID)).state, 'rolled_back');
});

testOnEach('a person promotes a held rollout; a declared policy rolls back by itself', async (rig) => {
  const controller = controllerOf(rig);
  await begin(rig);
  const other = await begin(rig, { name: 'b', endpoint: 'b', onTimeout: 'rollback' });
  rig.clock.advanceBy(25 * HOUR);
  await settle(controller);
  const [held, back] = [await rig.rollouts.get(ID), await rig.rollouts.get(other.id)];
  assert.deepEqual([held.state, back.state, back.verdict], ['held', 'rolled_back', 'INCONCLUSIVE']);
  const promoted = await rig.rollouts.decide({ id: ID, decision: 'promote', reason: 'seen it', actor: 'user:bob' });
  assert.deepEqual([promoted.state, promoted.reason], ['promoted', 'user:bob decided: seen it']);
  assert.deepEqual(await routes(rig), { 2: 1 });
  assert.equal((await rig.events()).findLast((event) => event.type === 'rollout.promoted')?.actor, 'user:bob');
});

testOnEach(
  'a newer candidate takes the place; starting again changes nothing; the version that answers is nothing to roll out',
  async (rig) => {
    const controller = controllerOf(rig);
    const first = await begin(rig);
    assert.deepEqual(await rig.rollouts.start({ id: ID, endpoint: 'spam', candidate: 2, actor: 'user:bob' }), first);
    const random = createSeededRandom('supersede');
    await rig.predict(serve(random, first, 50, { stable: 0, candidate: 0 }).records);
    await settle(controller);
    // Forced after it passed, say: the evidence goes on.
    const going = await rig.rollouts.start({ id: rig.ids.next(), endpoint: 'spam', candidate: 2, actor: 'user:bob' });
    assert.deepEqual(going, await rig.rollouts.get(ID));
    assert.notEqual(counts(going, 'failures')[0], 0);
    await assert.rejects(
      rig.rollouts.start({ id: rig.ids.next(), endpoint: 'spam', candidate: 1, actor: 'user:bob' }),
      has('invalid_input'),
    );
    const second = await rig.rollouts.start({ id: rig.ids.next(), endpoint: 'spam', candidate: 3, actor: 'user:ann' });
    assert.equal((await rig.rollouts.get(ID)).state, 'superseded');
    assert.deepEqual(await routes(rig), { 1: 0.8, 3: 0.2 });
    const stages = await Promise.all(['1', '2', '3'].map(async (which) => (await rig.models.version('spam-filter', which)).stage));
    assert.deepEqual(stages, ['Production', 'Archived', 'Staging']);
    // What the old candidate still answered says nothing of the new one.
    await rig.predict(serve(random, first, 200, { stable: 0, candidate: 1 }).records);
    await settle(controller);
    assert.deepEqual(counts(await rig.rollouts.get(second.id), 'failures'), [0, 0, 0, 0]);
    await assert.rejects(
      rig.rollouts.start({ id: rig.ids.next(), endpoint: 'nowhere', candidate: 2, actor: 'user:ann' }),
      has('rollout_not_declared'),
    );
    await assert.rejects(
      rig.database.transaction((tx) => rig.rollouts.define(tx, spec({ guards: [guard('slow'), guard('slow')] }))),
      has('invalid_input'),
    );
  },
);

testOnEach('what ends at one endpoint leaves the version in Production that another answers with', async (rig) => {
  await begin(rig);
  const other = await begin(rig, { name: 'b', endpoint: 'b' });
  await rig.rollouts.decide({ id: ID, decision: 'promote', reason: 'good', actor: 'user:ann' });
  await rig.rollouts.decide({ id: other.id, decision: 'roll_back', reason: 'bad here', actor: 'user:ann' });
  assert.equal((await rig.models.version('spam-filter', 'Production')).version, 2);
  await rig.rollouts.start({ id: rig.ids.next(), endpoint: 'b', candidate: 2, actor: 'user:ann' });
  assert.equal((await rig.models.version('spam-filter', 'Production')).version, 2);
});

testOnEach('a unit counts once: a sticky key, the rows of a request, a retried record, a corrected label', async (rig) => {
  const controller = controllerOf(rig);
  await begin(rig, { guards: [guard('failures'), guard('slow'), guard('wrong')] });
  const of = (id: string, more: Partial<PredictionRecord> = {}) =>
    prediction(id, { rollout: ID, candidateWeight: 0.2, version: 1, ...more });
  const candidate = { arm: 'candidate', version: 2 } as const;
  await rig.predict([
    of('k1', { keyHash: 'key', code: 'prediction_failed' }),
    of('k2', { keyHash: 'key', code: 'prediction_failed' }),
    ...[0, 1, 2, 3].map((row) => of('rows', { row, ...candidate, code: 'overloaded' })),
    of('slow', { latencyMs: 251 }),
    of('fast', { latencyMs: 250, ...candidate }),
    // The caller's own mistake speaks against no version, and an answer outside the rollout not at all.
    of('mine', { code: 'tensor_invalid' }),
    of('outside', { rollout: null, candidateWeight: null, code: 'prediction_failed' }),
    of('nowhere', { rollout: 'f'.repeat(32), code: 'prediction_failed' }),
  ]);
  await settle(controller);
  // The same key after the weight has passed it, and the same record again.
  await rig.predict([
    of('k3', { keyHash: 'key', ...candidate, candidateWeight: 0.5, code: 'prediction_failed' }),
    of('slow', { latencyMs: 251 }),
  ]);
  await settle(controller);
  await rig.label([truth('slow', true, START), truth('fast', false, START), truth('k1', true, START), truth('rows', true, START)]);
  await settle(controller);
  await rig.label([truth('slow', false, START + 1)]);
  await settle(controller);
  const rollout = await rig.rollouts.get(ID);
  assert.deepEqual(counts(rollout, 'failures'), [3, 1, 2, 1]);
  assert.deepEqual(counts(rollout, 'slow'), [1, 1, 1, 0]);
  assert.deepEqual(counts(rollout, 'wrong'), [1, 1, 1, 0]);
});

testOnEach('users who were counted while all was well are evidence again when the candidate begins to fail them', async (rig) => {
  const controller = controllerOf(rig);
  const rollout = await begin(rig, { guards: [guard('failures')] });
  const visit = (round: number, code: string) =>
    Array.from({ length: 60 }, (_, user) => {
      const arm = user % 5 === 0 ? ({ arm: 'candidate', version: 2 } as const) : ({ arm: 'stable', version: 1 } as const);
      const failed = arm.arm === 'candidate' ? code : 'ok';
      return prediction(`v${round}-${user}`, {
        rollout: rollout.id,
        candidateWeight: 0.2,
        keyHash: `${user}`.padStart(14, '0'),
        code: failed,
        ...arm,
      });
    });
  for (const round of [1, 2]) await rig.predict(visit(round, 'ok'));
  await settle(controller);
  assert.deepEqual(counts(await rig.rollouts.get(ID), 'failures'), [48, 0, 12, 0]);
  // Each of the twelve fails three times and is one event each.
  await rig.predict(visit(3, 'prediction_failed').slice(0, 10));
  await settle(controller);
  assert.deepEqual(counts(await rig.rollouts.get(ID), 'failures'), [48, 0, 14, 2]);
  for (const round of [4, 5]) await rig.predict(visit(round, 'prediction_failed').slice(0, 10));
  await settle(controller);
  assert.deepEqual(counts(await rig.rollouts.get(ID), 'failures'), [48, 0, 14, 2]);
  await rig.predict(visit(6, 'prediction_failed'));
  await settle(controller);
  assert.equal((await rig.rollouts.get(ID)).state, 'rolled_back');
});

testOnEach('the verdict and its evidence are those of the stream, however it is cut, restarted or read by two', async (rig) => {
  const streams = [
    { endpoint: 'whole', cut: 10_000, candidate: 0.3 },
    { endpoint: 'pieces', cut: 7, candidate: 0.3 },
    { endpoint: 'hundreds', cut: 100, candidate: 0.3 },
    { endpoint: 'healthy', cut: 33, candidate: 0.03 },
  ];
  const other = await rig.another();
  for (const { endpoint, cut, candidate } of streams) {
    const rollout = await begin(rig, {
      name: endpoint,
      endpoint,
      steps: [{ weight: 0.3, minRequests: 1e6, minMs: 0, require: 'fine' }],
      guards: [guard('failures')],
    });
    const { records } = serve(createSeededRandom('stream'), rollout, 420, { stable: 0.03, candidate });
    // By hand: one unit after another until harm is proven.
    let expected: Rollout = { ...rollout, evidence: rollout.spec.guards.map(emptyEvidence) };
    for (const one of records) {
      const [held] = expected.evidence;
      assert.ok(held);
      const seen = {
        metric: 'failures',
        candidate: one.arm === 'candidate',
        weight: 0.3,
        event: one.code !== 'ok',
        unit: one.id,
      } as const;
      expected = { ...expected, evidence: [addObservation(held, seen)] };
      if (isHarmProven(expected)) break;
    }
    const own = records.map((one) => ({ ...one, id: `${endpoint}-${one.id}` }));
    for (let from = 0; from < own.length; from += cut) {
      await rig.predict(own.slice(from, from + cut));
      await Promise.all([controllerOf(rig).tick(), controllerOf(other).tick()]);
    }
    await settle(controllerOf(rig));
    const found = await rig.rollouts.get(rollout.id);
    assert.equal(found.state, candidate > 0.1 ? 'rolled_back' : 'running');
    assert.deepEqual(found.evidence, expected.evidence, endpoint);
  }
});

testOnEach('labels alone carry a rollout', async (rig) => {
  const controller = controllerOf(rig);
  let rollout = await begin(rig, { guards: [guard('wrong')] });
  const random = createSeededRandom('labels');
  for (let day = 0; day < 20 && rollout.state === 'running'; day++) {
    const { records, labels } = serve(random, rollout, 150, { stable: 0.01, candidate: 0.01 });
    // Labels come before their predictions here, and wait for them.
    await rig.label(labels);
    await rig.predict(records);
    await settle(controller);
    rollout = await rig.rollouts.get(ID);
  }
  assert.equal(rollout.state, 'promoted', rollout.reason);
});
