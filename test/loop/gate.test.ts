import assert from 'node:assert/strict';
import { isFault } from '@pawl/core';
import type { DatasetRef, FaultCode, GateSpec, RolloutSpec } from '@pawl/core';
import { createGateReactor, createGateService, createRolloutReactor } from '@pawl/engine';
import { settle, testOnEach } from './rig.ts';
import type { Rig } from './rig.ts';

const has = (code: FaultCode) => (error: unknown) => isFault(error, code);

const gate: GateSpec = {
  name: 'spam-filter',
  model: 'spam-filter',
  label: 'spam',
  margin: 0.02,
  alpha: 0.05,
  floors: { f1: 0.8, maxFalsePositiveRate: 0.1 },
  baselineImprovement: 0.5,
};

const rollout: RolloutSpec = {
  name: 'spam',
  endpoint: 'spam',
  model: 'spam-filter',
  automatic: true,
  steps: [{ weight: 0.5, minRequests: 10, minMs: 0, require: 'not_worse' }],
  guards: [{ metric: 'failures', sloMs: null, tolerance: 1, noWorseThan: 1.5, margin: 0.02, required: true }],
  alpha: 0.05,
  maxStepMs: 1e9,
  onTimeout: 'hold',
};

/** 600 mails; one is spam when x > 0, but for 2 % of them. */
async function evaluation(rig: Rig, more: Readonly<Record<string, unknown>> = {}): Promise<DatasetRef> {
  const rows = Array.from({ length: 600 }, (_, row) => {
    const x = ((row * 7919) % 600) / 300 - 0.9991;
    return { x, y: 1, spam: row % 50 === 0 ? x <= 0 : x > 0, ...more };
  });
  return { dataset: 'spam-eval', version: (await rig.addRows('spam-eval', rows)).version };
}

async function prepare(rig: Rig): Promise<DatasetRef> {
  await rig.database.transaction(async (tx) => {
    await rig.gates.define(tx, gate);
    await rig.rollouts.define(tx, rollout);
  });
  return evaluation(rig);
}

const decide = (rig: Rig, candidate: number, id = rig.ids.next()) =>
  rig.gates.decide({ id, model: 'spam-filter', candidate, actor: 'user:ann' });

testOnEach(
  'real ONNX models: the first passes on its own, an equal one passes, a worse one fails, too few rows decide nothing',
  async (rig) => {
    const ref = await prepare(rig);
    const first = await rig.register({ x: 8 }, 0, { evaluation: ref });
    const decision = await decide(rig, first.version);
    assert.deepEqual([decision.verdict, decision.champion], ['PASS', null], JSON.stringify(decision.checks));
    assert.match(decision.checks[0]?.name ?? '', /first model/);
    await rig.stages.move({ model: 'spam-filter', version: 1, stage: 'Production', reason: 'first', actor: 'user:ann' });

    const equal = await decide(rig, (await rig.register({ x: 8, y: 0 }, 0, { evaluation: ref })).version);
    assert.deepEqual([equal.verdict, equal.champion], ['PASS', 1], JSON.stringify(equal.checks));
    assert.equal(equal.checks[0]?.numbers['n'], 600);

    const backwards = await decide(rig, (await rig.register({ x: -8 }, 0, { evaluation: ref })).version);
    assert.equal(backwards.verdict, 'FAIL');
    assert.deepEqual(await rig.gates.decision(backwards.id), backwards);

    const few = {
      dataset: 'few',
      version: (
        await rig.addRows(
          'few',
          Array.from({ length: 30 }, (_, row) => ({ x: row - 14.5, spam: row > 14 })),
        )
      ).version,
    };
    const unsure = await decide(rig, (await rig.register({ x: 8 }, 0, { evaluation: few })).version);
    assert.equal(unsure.verdict, 'INCONCLUSIVE');
    assert.ok(Number(unsure.checks[0]?.numbers['rows_needed']) > 30);
  },
);

testOnEach('one decision id is judged once, also by two at the same time', async (rig) => {
  const ref = await prepare(rig);
  await rig.register({ x: 8 }, 0, { evaluation: ref });
  const other = await rig.another();
  const id = rig.ids.next();
  const decisions = await Promise.all(
    [rig, other, rig].map((one) => one.gates.decide({ id, model: 'spam-filter', candidate: 1, actor: 'user:ann' })),
  );
  for (const decision of decisions) assert.deepEqual(decision, await rig.gates.decision(id));
  assert.equal((await rig.eventTypes()).filter((type) => type === 'gate.decided').length, 1);
});

testOnEach('what cannot be judged is said: no gate, no evaluation, no such version, no label column, no such input', async (rig) => {
  const ref = await evaluation(rig);
  await rig.register({ x: 8 }, 0);
  await assert.rejects(decide(rig, 1), has('gate_not_found'));
  await assert.rejects(
    rig.database.transaction((tx) => rig.gates.define(tx, { ...gate, margin: 0 })),
    has('invalid_input'),
  );
  await rig.database.transaction((tx) => rig.gates.define(tx, gate));
  await assert.rejects(decide(rig, 1), has('gate_no_evaluation'));
  await assert.rejects(decide(rig, 9), has('model_version_not_found'));
  const needy = await rig.register({ x: 8, z: 1 }, 0, { evaluation: ref });
  await assert.rejects(decide(rig, needy.version), has('column_missing'));
  const unlabelled = { dataset: 'bare', version: (await rig.addRows('bare', [{ x: 1 }])).version };
  await assert.rejects(decide(rig, (await rig.register({ x: 1 }, 0, { evaluation: unlabelled })).version), has('column_missing'));
  const odd = { dataset: 'odd', version: (await rig.addRows('odd', [{ x: 1, spam: 'maybe' }])).version };
  await assert.rejects(decide(rig, (await rig.register({ x: 1 }, 0, { evaluation: odd })).version), has('table_unreadable'));
  const empty = { dataset: 'empty', version: (await rig.add('empty', { 'rows.csv': 'x,spam\n' })).version };
  await assert.rejects(decide(rig, (await rig.register({ x: 1 }, 0, { evaluation: empty })).version), has('table_unreadable'));
  assert.deepEqual((await rig.gates.list(undefined, { limit: 5 })).items, []);
});

testOnEach('a champion that is replaced while a candidate is judged is not what the verdict speaks of', async (rig) => {
  const ref = await prepare(rig);
  for (const x of [8, 8, 8]) await rig.register({ x }, 0, { evaluation: ref });
  const produce = (version: number) =>
    rig.database.transaction((tx) =>
      rig.models.setStage(tx, { model: 'spam-filter', version, stage: 'Production', reason: 'r', actor: 'user:ann' }),
    );
  await produce(1);
  let looks = 0;
  const gates = createGateService({
    ...rig.ports,
    datasets: rig.datasets,
    evaluator: {
      async evaluate(model, table) {
        if (++looks === 1) await produce(2);
        return rig.modelStore.evaluate(model, table);
      },
    },
  });
  const decision = await gates.decide({ id: rig.ids.next(), model: 'spam-filter', candidate: 3, actor: 'user:ann' });
  assert.deepEqual([decision.verdict, decision.champion], ['PASS', 2]);
  assert.equal((await rig.gates.list(undefined, { limit: 5 })).items.length, 1);
});

testOnEach('Production takes only what the gate let through or a person forced with a reason', async (rig) => {
  const ref = await prepare(rig);
  await rig.register({ x: -8 }, 0, { evaluation: ref });
  const move = () => rig.stages.move({ model: 'spam-filter', version: 1, stage: 'Production', reason: 'r', actor: 'user:ann' });
  await assert.rejects(move(), has('model_not_gated'));
  await assert.rejects(rig.gates.force({ model: 'spam-filter', candidate: 1, reason: 'x', actor: 'user:ann' }), has('gate_undecided'));
  const { id } = await decide(rig, 1);
  await assert.rejects(move(), has('model_not_gated'));
  await assert.rejects(rig.rollouts.start({ id: 'r1', endpoint: 'spam', candidate: 1, actor: 'user:ann' }), has('rollout_needs_gate'));
  await assert.rejects(rig.gates.force({ model: 'spam-filter', candidate: 1, reason: ' ', actor: 'user:ann' }), has('invalid_input'));
  await rig.gates.force({ model: 'spam-filter', candidate: 1, reason: 'known labels are wrong', actor: 'user:ann' });
  assert.equal((await rig.gates.decision(id)).forced?.reason, 'known labels are wrong');
  assert.equal((await rig.gates.decision(id)).verdict, 'FAIL');
  assert.equal((await move()).version.stage, 'Production');
});

testOnEach(
  'a registered version is gated and rolled out by itself; what failed waits for force; each once, whatever is retried',
  async (rig) => {
    const ref = await prepare(rig);
    const gateLoop = () => createGateReactor({ ...rig.ports, gates: rig.gates, holder: 'one' });
    const rolloutLoop = () => createRolloutReactor({ ...rig.ports, ...rig });
    await rig.register({ x: 8 }, 0, { evaluation: ref });
    // A version nobody can judge does not hold up the next.
    await rig.register({ x: 8 }, 0);
    await rig.register({ x: 8, y: 0 }, 0, { evaluation: ref });
    await rig.register({ x: -8 }, 0, { evaluation: ref });
    const other = await rig.another();
    await Promise.all([
      settle(gateLoop(), rolloutLoop()),
      settle(createGateReactor({ ...other.ports, gates: other.gates, holder: 'two' })),
    ]);
    // Once more for what the first round asked the gate again.
    for (let round = 0; round < 2; round++) await settle(gateLoop(), rolloutLoop());
    const decisions = (await rig.gates.list(undefined, { limit: 10 })).items;
    assert.deepEqual(Object.fromEntries(decisions.map((one) => [one.candidate, one.verdict])), { 1: 'PASS', 3: 'PASS', 4: 'FAIL' });
    // The third passed when nothing was in Production; once the first was there its gate was asked again.
    assert.deepEqual(
      decisions.filter((one) => one.candidate === 3).map((one) => one.champion),
      [1, null],
    );
    assert.equal(decisions.length, 4);
    assert.ok(rig.logLines.some((line) => line.includes('could not be judged')));

    const rollouts = (await rig.rollouts.list({ endpoint: 'spam' }, { limit: 10 })).items;
    assert.deepEqual(Object.fromEntries(rollouts.map((one) => [one.candidate, one.state])), { 1: 'promoted', 3: 'running' });
    assert.equal((await rig.models.version('spam-filter', 'Production')).version, 1);
    assert.equal((await rig.models.version('spam-filter', 'Staging')).version, 3);

    await rig.gates.force({ model: 'spam-filter', candidate: 4, reason: 'try it', actor: 'user:bob' });
    await settle(gateLoop(), rolloutLoop());
    const after = (await rig.rollouts.list({ endpoint: 'spam' }, { limit: 10 })).items;
    assert.deepEqual(Object.fromEntries(after.map((one) => [one.candidate, one.state])), { 1: 'promoted', 3: 'superseded', 4: 'running' });
    assert.equal(after.find((one) => one.candidate === 4)?.actor, 'user:bob');
  },
);

testOnEach('a version is found by number, alias and stage; one key is one version; a broken package is none', async (rig) => {
  const one = await rig.register({ x: 1 }, 0, { key: 'run-1' });
  const again = await rig.register({ x: 2 }, 0, { key: 'run-1' });
  assert.deepEqual(again, one);
  const [two, three] = await Promise.all([rig.register({ x: 2 }, 0), rig.register({ x: 3 }, 0)]);
  assert.deepEqual(new Set([two.version, three.version]), new Set([2, 3]));
  await rig.stages.setAlias({ model: 'spam-filter', alias: 'best', version: 2, actor: 'user:ann' });
  await rig.stages.move({ model: 'spam-filter', version: 1, stage: 'Production', reason: 'r', actor: 'user:ann' });
  await rig.stages.move({ model: 'spam-filter', version: 3, stage: 'Production', reason: 'r', actor: 'user:ann' });
  const found = async (which: string) => (await rig.models.version('spam-filter', which)).version;
  assert.deepEqual(await Promise.all(['1', 'best', 'Production', 'Archived'].map(found)), [1, 2, 3, 1]);
  await assert.rejects(found('Staging'), has('model_version_not_found'));
  await assert.rejects(found('7'), has('model_version_not_found'));
  const manifest = { entries: [{ path: 'MLmodel', ...(await rig.ports.blobs.put(Buffer.from('flavors: {}'))), mode: 0o644 }] };
  await assert.rejects(
    rig.models.register({
      model: 'other',
      manifest,
      run: null,
      task: null,
      inputs: [],
      evaluation: null,
      description: '',
      key: 'k',
      actor: 'user:ann',
    }),
    has('model_package_invalid'),
  );
  await assert.rejects(rig.models.get('other'), has('model_not_found'));
});
