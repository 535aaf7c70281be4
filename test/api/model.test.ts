import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toLogisticOnnx } from '../serving/onnx-file.ts';
import { START, startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

/** Right on every row: the column is the truth. */
const GOOD = { x: 8 };
const BAD = { x: -8 };

before(async () => {
  stand = await startStand();
  const rows = Array.from({ length: 400 }, (_, row) => (row % 2 === 0 ? '1,true' : '-1,false'));
  await stand.call('POST', '/datasets/held-out/versions', { manifest: await stand.store({ 'rows.csv': `x,spam\n${rows.join('\n')}\n` }) });
  const parts = {
    gates: [{ name: 'gate', model: 'filter', label: 'spam', floors: { f1: 0.8, max_false_positive_rate: '5%' } }],
    rollouts: [
      {
        name: 'canary',
        endpoint: 'spam',
        model: 'filter',
        automatic: false,
        steps: [
          { weight: 0.1, min_requests: 10, require: 'not_worse' },
          { weight: 0.5, min_requests: 10 },
        ],
        guards: [{ metric: 'failures' }, { metric: 'slow', slo: '250ms', required: false }],
      },
    ],
  };
  await stand.call('POST', '/apply', { project: { name: 'test', root: '/srv/project', parts } });
});
after(() => stand.close());

async function register(weights: Readonly<Record<string, number>>, more: object = {}, file: object = {}): Promise<Body> {
  const mlmodel = JSON.stringify({
    flavors: { onnx: { data: 'model.onnx', onnx_version: '1.17.0' } },
    metadata: { pawl: { features: [], positive_output: 'probability' } },
    ...file,
  });
  const manifest = await stand.store({ MLmodel: mlmodel, 'model.onnx': toLogisticOnnx(weights, 0) });
  return stand.call('POST', '/models/filter/versions', { manifest, evaluation: 'held-out', ...more });
}

test('from a registered version over gate and canary to the lineage of one answer', async () => {
  const run = await stand.call('POST', '/runs', { experiment: 'spam', params: { rate: '0.1' } });
  const one = await register(GOOD, {
    run: run.id,
    key: 'first',
    description: 'the first',
    inputs: [{ ref: 'held-out:1', role: 'training' }],
  });
  assert.equal(one.created, true);
  assert.deepEqual([one.version.version, one.version.stage, one.version.evaluation], [1, 'None', 'held-out:1']);
  assert.equal((await register(GOOD, { key: 'first' })).created, false);

  await stand.refuse(409, 'rollout_needs_gate', 'POST', '/rollouts', { endpoint: 'spam', candidate: 1 });
  await stand.refuse(409, 'model_not_gated', 'POST', '/models/filter/versions/1/stage', { stage: 'Production' });
  await stand.refuse(409, 'gate_undecided', 'POST', '/gates/filter/forces', { candidate: 1, reason: 'because' });
  const decision = await stand.call('POST', '/gates/filter/decisions', { candidate: 1 });
  assert.equal(decision.verdict, 'PASS');
  assert.equal(decision.champion, null);
  assert.deepEqual(await stand.call('GET', `/gate-decisions/${decision.id}`), decision);
  assert.deepEqual(await stand.call('POST', '/gates/filter/decisions', { candidate: 1, id: decision.id }), decision);

  const promoted = await stand.call('POST', '/rollouts', { endpoint: 'spam', candidate: 1 }, { 'x-pawl-actor': 'user:ann' });
  assert.deepEqual([promoted.state, promoted.verdict, promoted.actor], ['promoted', 'PASS', 'user:ann']);
  assert.deepEqual(await stand.call('GET', '/endpoints/spam'), { name: 'spam', model: 'filter', stable: 1, rollout: null });
  assert.equal((await stand.call('GET', '/models/filter/versions/Production')).version, 1);

  const prediction = stand.ports.ids.next();
  await stand.database.transaction((tx) =>
    tx.predictions.insert([
      {
        id: prediction,
        row: 0,
        endpoint: 'spam',
        model: 'filter',
        version: 1,
        rollout: null,
        arm: 'stable',
        candidateWeight: null,
        keyHash: null,
        requestId: 'mine',
        time: START,
        latencyMs: 1.5,
        decided: null,
        code: 'ok',
        inputs: { x: 1, domain: 'x.org', missing: null },
        outputs: { label: 1, probability: 0.99 },
      },
    ]),
  );
  const labels = [{ prediction_id: prediction, value: false, time: '2026-03-02T00:00:00Z' }];
  assert.deepEqual(await stand.call('POST', '/endpoints/spam/labels', { labels }), { taken: 1 });
  const lineage = await stand.call('GET', `/lineage/predictions/${prediction}`);
  assert.deepEqual(lineage.label, { value: false, time: '2026-03-02T00:00:00.000Z' });
  assert.equal(lineage.prediction.request_id, 'mine');
  assert.equal(lineage.model.version.version, 1);
  assert.equal(lineage.model.run.id, run.id);
  assert.equal(lineage.model.data[0].lineage.version.ref, 'held-out:1');
  assert.equal(lineage.model.gate.id, decision.id);
  assert.equal(lineage.model.rollout.id, promoted.id);
  assert.deepEqual(await stand.call('GET', '/lineage/models/filter/1'), lineage.model);
});

test('a worse version fails its gate, is forced with a reason, and a person rolls it back', async () => {
  const { version } = await register(BAD);
  const failed = await stand.call('POST', '/gates/filter/decisions', { candidate: version.version });
  assert.deepEqual([failed.verdict, failed.champion, failed.forced], ['FAIL', 1, null]);
  await stand.refuse(400, 'invalid_input', 'POST', '/gates/filter/forces', { candidate: version.version, reason: '' });
  const forced = await stand.call('POST', '/gates/filter/forces', { candidate: version.version, reason: 'to see it fail' });
  assert.deepEqual([forced.verdict, forced.forced.reason, forced.forced.actor], ['FAIL', 'to see it fail', 'user:anonymous']);
  const [newest] = (await stand.call('GET', '/gate-decisions?model=filter&limit=1')).items;
  assert.deepEqual(newest, forced);

  const started = await stand.call('POST', '/rollouts', { endpoint: 'spam', candidate: version.version });
  assert.deepEqual([started.state, started.step, started.steps, started.weight], ['running', 1, 2, 0.1]);
  const detail = await stand.call('GET', `/rollouts/${started.id}`);
  assert.equal(detail.judgement.action, 'wait');
  assert.deepEqual(detail.plan[0], { weight: 0.1, min_requests: 10, min_ms: 0, require: 'not_worse' });
  const [failures, slow] = detail.guards;
  assert.deepEqual([failures.metric, failures.verdict, failures.candidate], ['failures', 'not_enough_data', { requests: 0, events: 0 }]);
  // alpha 0.05 over two guards, harm at half of its share; three ways to be fine.
  assert.deepEqual([failures.harm.threshold, Math.round(failures.no_worse.threshold)], [80, 60]);
  assert.deepEqual(failures.difference, { lower: null, upper: null });
  assert.deepEqual([slow.slo_ms, slow.required], [250, false]);
  const ended = await stand.call('POST', `/rollouts/${started.id}/decisions`, { decision: 'roll_back', reason: 'seen enough' });
  assert.equal(ended.state, 'rolled_back');
  assert.equal((await stand.call('GET', `/rollouts/${started.id}`)).judgement, null);
  await stand.refuse(409, 'rollout_ended', 'POST', `/rollouts/${started.id}/decisions`, { decision: 'promote', reason: 'after all' });
  assert.deepEqual((await stand.call('GET', '/rollouts?endpoint=spam&limit=1')).items[0].id, started.id);
});

test('models, versions, aliases and stages are shown', async () => {
  const named = await stand.call('PUT', '/models/filter/aliases/champion', { version: 1 });
  assert.deepEqual([named.version.version, named.request, named.rollouts], [1, null, []]);
  assert.equal((await stand.call('GET', '/models/filter/versions/champion')).version, 1);
  assert.deepEqual((await stand.call('GET', '/models/filter')).aliases, [{ alias: 'champion', version: 1 }]);
  assert.equal((await stand.call('GET', '/models')).items[0].name, 'filter');
  const versions = (await stand.call('GET', '/models/filter/versions?limit=1')).items;
  assert.equal(versions[0].version, 2);
  assert.deepEqual(
    (await stand.call('GET', '/models/filter/versions?stage=Production')).items.map((one: Body) => one.version),
    [1],
  );
  assert.equal((await stand.call('POST', '/models/filter/versions/2/stage', { stage: 'Archived' })).version.stage, 'Archived');
  assert.equal((await stand.call('GET', '/gates')).items[0].floors.max_false_positive_rate, 0.05);
  assert.equal((await stand.call('GET', '/endpoints')).items.length, 1);
});

test('two versions are set beside each other, by number, alias or stage', async () => {
  const trained = async (f1: string, rate: string): Promise<string> => {
    const { id } = await stand.call('POST', '/runs', { experiment: 'spam', params: { rate, kind: 'logistic' } });
    await stand.call('POST', `/runs/${id}/records`, { metrics: [{ key: 'f1', value: Number(f1) }] });
    return id;
  };
  const signature = (type: string) => ({ signature: { inputs: JSON.stringify([{ name: 'x', type, required: true }]) } });
  const one = await register(
    GOOD,
    { run: await trained('0.9', '0.1'), inputs: [{ ref: 'held-out:1', role: 'training' }] },
    signature('double'),
  );
  const two = await register(BAD, { run: await trained('0.7', '0.2') }, signature('float'));
  const [first, second] = [one.version.version, two.version.version];
  for (const candidate of [first, second]) await stand.call('POST', '/gates/filter/decisions', { candidate });
  await stand.call('PUT', '/models/filter/aliases/challenger', { version: second });

  const answer = await stand.call('GET', `/models/filter/versions/${first}/compare/challenger`);
  assert.deepEqual(
    answer.versions.map((each: Body) => [each.version.version, each.aliases, each.gate.verdict, each.package.files]),
    [
      [first, [], 'PASS', 2],
      [second, ['challenger'], 'FAIL', 2],
    ],
  );
  assert.deepEqual(
    answer.metrics.map(({ key, goal, values, best }: Body) => [key, goal, values, best]),
    [['f1', 'max', [0.9, 0.7], [0]]],
  );
  assert.ok(Math.abs(answer.metrics[0].deltas[1] + 0.2) < 1e-12);
  assert.deepEqual(
    answer.params.map(({ key, differs }: Body) => [key, differs]),
    [
      ['kind', false],
      ['rate', true],
    ],
  );
  assert.equal(answer.comparable, true);
  const f1 = answer.checks.find(({ name }: Body) => name === 'F1 floor');
  assert.deepEqual([f1.verdicts, f1.values, f1.best], [['PASS', 'FAIL'], [1, 0], [0]]);
  assert.ok(f1.lower[0] > 0.8 && f1.upper[1] < 0.8);
  assert.deepEqual(answer.data, [{ name: 'held-out', version: '1', role: 'training', used: [true, false] }]);
  assert.deepEqual(answer.signature, [{ part: 'input', name: 'x', types: ['double', 'float'], differs: true }]);
  const staged = await stand.call('GET', `/models/filter/versions/Production/compare/${first}`);
  assert.deepEqual([staged.versions[0].version.version, staged.versions[0].has_signature], [1, false]);
  await stand.refuse(404, 'model_version_not_found', 'GET', `/models/filter/versions/${first}/compare/99`);
  await stand.refuse(404, 'model_not_found', 'GET', '/models/none/versions/1/compare/2');
});

test('a package that is none is refused before anything is stored', async () => {
  const broken = await stand.store({ MLmodel: 'flavors: {}' });
  await stand.refuse(400, 'model_package_invalid', 'POST', '/models/broken/versions', { manifest: broken });
  const noModel = await stand.store({ 'model.onnx': 'x' });
  await stand.refuse(400, 'model_package_invalid', 'POST', '/models/broken/versions', { manifest: noModel });
  const mlmodel = JSON.stringify({ flavors: { onnx: { data: 'model.onnx' } } });
  await stand.refuse(400, 'model_file_invalid', 'POST', '/models/broken/versions', {
    manifest: await stand.store({ MLmodel: mlmodel, 'model.onnx': 'not onnx' }),
  });
  await stand.refuse(404, 'model_not_found', 'GET', '/models/broken');
});
