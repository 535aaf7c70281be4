import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isFault, newTask } from '@pawl/core';
import type { DatasetRef, PipelineRun, PipelineSpec, Task } from '@pawl/core';
import { createCalendar, createGitInspector, createSecretBox, createSeededRandom } from '@pawl/drivers';
import { createLineageService, createPipelineService, createProjectService, createRunService, createTriggerService } from '@pawl/engine';
import { loadProject } from '../../packages/app/src/project/load.ts';
import { projectBody, toProject } from '../../packages/app/src/project/parse.ts';
import { START, prediction, testOnEach, truth } from './rig.ts';
import type { Ports, Rig } from './rig.ts';

const spec: PipelineSpec = {
  name: 'train',
  experiment: 'spam',
  params: {},
  steps: [
    step('clean', { mail: { from: 'dataset', dataset: 'mail' } }, { clean: { type: 'file', dataset: null, name: 'clean.jsonl' } }),
    step(
      'split',
      { clean: { from: 'step', step: 'clean', output: 'clean' } },
      { train: { type: 'file', dataset: 'spam-train', name: 'train.jsonl' } },
    ),
  ],
};

function step(name: string, inputs: PipelineSpec['steps'][number]['inputs'], outputs: PipelineSpec['steps'][number]['outputs']) {
  return { name, run: `node ${name}.ts`, inputs, outputs, params: [], code: [], after: [], retries: 0, timeoutMs: 1000, cache: true };
}

/** A pipeline run as it stands after its steps, without running them. */
async function leaveRun(
  rig: Rig,
  id: string,
  manifest: `sha256:${string}`,
  what: PipelineSpec = spec,
  outputs: (step: string) => Task['outputs'] = (name) => ({
    [name === 'clean' ? 'clean' : 'train']: { manifest, dataset: name === 'clean' ? null : { dataset: 'spam-train', version: 1 } },
  }),
): Promise<void> {
  const run: PipelineRun = {
    id,
    pipeline: 'train',
    spec: what,
    specDigest: 'sha256:spec',
    root: '/project',
    params: {},
    datasets: { mail: 1 },
    cause: { type: 'manual', actor: 'user:ann', key: id, event: null, note: '' },
    options: {},
    state: 'succeeded',
    createdAt: START,
    endedAt: START,
    revision: 1,
  };
  const task = ({ name }: { readonly name: string }): Task =>
    newTask({
      id: `${id}-${name}`,
      run: id,
      step: name,
      state: 'succeeded',
      attempt: 1,
      fence: 1,
      outputs: outputs(name),
      startedAt: START,
      endedAt: START,
      revision: 1,
    });
  await rig.database.transaction(async (tx) => {
    await tx.pipelines.insertRun(run);
    await tx.tasks.insert(what.steps.map(task));
  });
}

testOnEach(
  'one prediction leads to its label, model, gate, rollout, run, and through the steps to the mail it was trained on',
  async (rig) => {
    const runs = createRunService(rig.ports);
    const mail = await rig.addRows('mail', [{ x: 1, spam: true }]);
    await rig.database.transaction((tx) => rig.checks.define(tx, { name: 'mails', dataset: 'mail', expectations: [] }));
    await rig.checks.run({ suite: 'mails', ref: { dataset: 'mail', version: 1 }, actor: 'user:ann' });
    const run = await runs.create({
      experiment: 'spam',
      name: 'train',
      code: { commit: 'c0ffee', branch: 'main', patch: null },
      environment: {},
      params: { l2: '1' },
      tags: {},
      actor: 'user:ann',
    });
    await leaveRun(rig, run.id, mail.manifest);
    const train = await rig.datasets.add({
      dataset: 'spam-train',
      manifest: await rig.datasets.manifest({ dataset: 'mail', version: 1 }),
      message: '',
      actor: 'system:worker',
      task: `${run.id}-split`,
    });
    await runs.record(run.id, {
      metrics: [{ key: 'f1', value: 0.9 }],
      inputs: [{ dataset: 'spam-train', version: train.version.version, role: 'training' }],
    });
    await rig.database.transaction((tx) =>
      rig.rollouts.define(tx, {
        name: 'spam',
        endpoint: 'spam',
        model: 'spam-filter',
        automatic: true,
        steps: [],
        guards: [],
        alpha: 0.05,
        maxStepMs: 1,
        onTimeout: 'hold',
      }),
    );
    await rig.register({ x: 1 }, 0, { run: run.id });
    await rig.rollouts.start({ id: rig.ids.next(), endpoint: 'spam', candidate: 1, actor: 'user:bob' });
    await rig.predict([prediction('p1', { label: true, inputs: { x: 1 } }), prediction('p2')]);
    await rig.label([truth('p1', false, START + 5)]);

    const { label, model, prediction: found } = await rig.lineage.ofPrediction('p1');
    assert.equal(found.inputs['x'], 1);
    assert.equal(label?.value, false);
    assert.equal(model.version.version, 1);
    assert.equal(model.run?.code?.commit, 'c0ffee');
    assert.equal(model.run?.params['l2'], '1');
    assert.deepEqual(
      model.metrics.map((one) => [one.key, one.value]),
      [['f1', 0.9]],
    );
    assert.equal(model.pipelineRun?.id, run.id);
    assert.deepEqual([model.rollout?.state, model.rollout?.actor], ['promoted', 'user:bob']);
    assert.equal(model.gate, null);
    const [input] = model.data;
    assert.deepEqual(
      [input?.role, input?.lineage.version.dataset, input?.lineage.madeBy?.command],
      ['training', 'spam-train', 'node split.ts'],
    );
    // The step in between left a file only: what it read is passed on.
    assert.deepEqual(
      input?.lineage.from.map((one) => [one.version.dataset, one.version.version, one.checks[0]?.verdict]),
      [['mail', 1, 'passed']],
    );
    assert.equal((await rig.lineage.ofPrediction('p2')).label, null);
    await assert.rejects(rig.lineage.ofPrediction('nobody'), (error) => isFault(error, 'prediction_not_found'));
    await assert.rejects(rig.lineage.ofModel('spam-filter', 9), (error) => isFault(error, 'model_version_not_found'));
  },
);

testOnEach('data that many ways lead to is read once a step of the way', async (rig) => {
  const LEVELS = 9;
  const { manifest } = await rig.addRows('mail', [{ x: 1, spam: true }]);
  const out = { out: { type: 'file', dataset: 'made', name: 'out.jsonl' } } as const;
  const from = (name: string) => ({ from: 'step', step: name, output: 'out' }) as const;
  // Two steps a level, each of which reads both of the level before: 2^9 ways to the mail.
  const levels = Array.from({ length: LEVELS }, (_, level) =>
    ['a', 'b'].map((side) =>
      step(
        `${side}${level}`,
        level === 0 ? { mail: { from: 'dataset', dataset: 'mail' } } : { a: from(`a${level - 1}`), b: from(`b${level - 1}`) },
        out,
      ),
    ),
  );
  const outputs = (name: string) => ({ out: { manifest, dataset: { dataset: name, version: 1 } } });
  await leaveRun(rig, 'r', manifest, { ...spec, steps: levels.flat() }, (name) => outputs(name));
  for (const { name } of levels.flat())
    await rig.datasets.add({
      dataset: name,
      manifest: await rig.datasets.manifest({ dataset: 'mail', version: 1 }),
      message: '',
      actor: 'system:worker',
      task: `r-${name}`,
    });
  await rig.register({ x: 1 }, 0, { inputs: [{ dataset: `a${LEVELS - 1}`, version: 1, role: 'training' }] });
  let reads = 0;
  const { read } = rig.database;
  const datasets = { ...read.datasets, version: (ref: DatasetRef) => (reads++, read.datasets.version(ref)) };
  const { data } = await createLineageService({ database: { ...rig.database, read: { ...read, datasets } } }).ofModel('spam-filter', 1);
  let deepest = data[0]?.lineage;
  while (deepest?.from.length !== 0) deepest = deepest?.from.at(-1);
  assert.equal(deepest.version.dataset, 'mail');
  assert.equal(reads, 2 * LEVELS);
});

const calendar = await createCalendar();
const triggerPorts = (ports: Ports) => ({
  ...ports,
  calendar,
  secrets: createSecretBox(['0'.repeat(64)]),
  random: createSeededRandom(1),
});

testOnEach('applying the spam project twice changes nothing, a dry run nothing at all, and one edit one part', async (rig) => {
  const pipelines = createPipelineService({ ...rig.ports, datasets: rig.datasets, code: createGitInspector(), environment: {} });
  const projects = createProjectService({ ...rig, pipelines, triggers: createTriggerService(triggerPorts(rig.ports)) });
  const project = toProject(projectBody.parse(await loadProject(join(import.meta.dirname, '../../examples/spam/pawl.yaml'))));
  const apply = (one = project, dryRun = false) => projects.apply(one, { dryRun, actor: 'user:ann' });
  const changes = async (...input: Parameters<typeof apply>) => (await apply(...input)).map((one) => one.change);

  const planned = await changes(project, true);
  assert.ok(planned.length >= 6 && planned.every((change) => change === 'created'));
  assert.deepEqual(await rig.eventTypes(), []);
  assert.deepEqual(await changes(), planned);
  const before = await rig.events();
  assert.ok(before.length > 0);
  assert.ok((await changes()).every((change) => change === 'unchanged'));
  assert.deepEqual(await rig.events(), before);

  const edited = { ...project, gates: project.gates.map((gate) => ({ ...gate, margin: 0.03 })) };
  const found = await apply(edited);
  assert.deepEqual(
    found.filter((one) => one.change !== 'unchanged'),
    [{ noun: 'gate', name: 'spam-filter', change: 'changed' }],
  );
  assert.equal((await rig.gates.specs())[0]?.margin, 0.03);

  const twice = { ...edited, rollouts: edited.rollouts.flatMap((one) => [one, { ...one, name: 'again' }]) };
  await assert.rejects(apply(twice), /rollout of endpoint "spam": the project declares it twice/);

  // One part that is refused leaves all the others as they were.
  const broken = {
    ...edited,
    gates: edited.gates.map((gate) => ({ ...gate, margin: 0.04 })),
    rollouts: edited.rollouts.map((rollout) => ({ ...rollout, model: 'another' })),
  };
  await assert.rejects(apply(broken), (error) => isFault(error, 'invalid_input'));
  assert.equal((await rig.gates.specs())[0]?.margin, 0.03);
});

testOnEach('a project is applied whole or not at all, and a dry run refuses what the apply would', async (rig) => {
  const pipelines = createPipelineService({ ...rig.ports, datasets: rig.datasets, code: createGitInspector(), environment: {} });
  const projects = createProjectService({ ...rig, pipelines, triggers: createTriggerService(triggerPorts(rig.ports)) });
  const project = toProject(projectBody.parse(await loadProject(join(import.meta.dirname, '../../examples/spam/pawl.yaml'))));
  // Triggers are written last, and are judged by the pipelines written before them.
  const broken = { ...project, triggers: project.triggers.map((trigger) => ({ ...trigger, params: { nobody: '1' } })) };
  for (const dryRun of [true, false]) {
    await assert.rejects(projects.apply(broken, { dryRun, actor: 'user:ann' }), (error) => isFault(error, 'parameter_unknown'));
    assert.deepEqual(await rig.eventTypes(), []);
    assert.deepEqual([await pipelines.list(), await rig.gates.specs(), await rig.checks.suites()], [[], [], []]);
  }
});
