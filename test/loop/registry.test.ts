import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFault } from '@pawl/core';
import type { FaultCode, GateSpec, ModelVersion } from '@pawl/core';
import { createSeededRandom } from '@pawl/drivers';
import { createArtifactService, createGateReactor, createLoggedModelService, createRegistryService, readManifest } from '@pawl/engine';
import { toLogisticOnnx } from '../serving/onnx-file.ts';
import { writePackage } from '../serving/stand.ts';
import { settle, testOnEach } from './rig.ts';
import type { Rig } from './rig.ts';

const has = (code: FaultCode) => (error: unknown) => isFault(error, code);
const actor = 'user:ann';

const gate: GateSpec = {
  name: 'spam-filter',
  model: 'spam-filter',
  label: 'spam',
  margin: 0.02,
  alpha: 0.05,
  floors: { f1: 0.8, maxFalsePositiveRate: 0.1 },
  baselineImprovement: 0.5,
};

function registryOf(rig: Pick<Rig, 'ports' | 'models'>) {
  const ports = { ...rig.ports, artifactRoot: 'mlflow-artifacts:/', random: createSeededRandom('registry') };
  const artifacts = createArtifactService(ports);
  const loggedModels = createLoggedModelService(ports);
  return { artifacts, loggedModels, registry: createRegistryService({ ...ports, models: rig.models, artifacts, loggedModels }) };
}

type Services = ReturnType<typeof registryOf>;

/** Saves a logistic regression as a logged model, as MLflow's client does: its files go to the artifact proxy. */
async function logModel(rig: Rig, { artifacts, loggedModels }: Services, weights: Readonly<Record<string, number>>): Promise<string> {
  const { id: experiment } = await rig.database.transaction((tx) => tx.experiments.ensure('training', rig.clock.now()));
  const model = await loggedModels.create({ experiment, name: 'model', type: '', run: null, params: {}, tags: {}, actor });
  const folder = mkdtempSync(join(rig.home, 'logged-'));
  writePackage(folder, { onnx: toLogisticOnnx(weights, 0) });
  for (const path of ['MLmodel', 'model.onnx']) {
    await artifacts.put({ tree: `model/${model.id}`, path }, chunks(readFileSync(join(folder, path))));
  }
  return model.id;
}

async function* chunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

const registerFrom = (
  services: Services,
  source: string,
  more: Partial<Parameters<Services['registry']['register']>[0]> = {},
): Promise<ModelVersion> =>
  services.registry.register({
    model: 'spam-filter',
    source,
    run: null,
    loggedModel: null,
    runLink: '',
    description: '',
    tags: {},
    actor,
    ...more,
  });

const create = ({ registry }: Services, name = 'spam-filter') => registry.create({ name, description: '', tags: {}, actor });

testOnEach('a version registered from where its files are stored is the same package as those files, and a gate judges it', async (rig) => {
  const services = registryOf(rig);
  const rows = Array.from({ length: 600 }, (_, row) => {
    const x = ((row * 7919) % 600) / 300 - 0.9991;
    return { x, spam: row % 50 === 0 ? x <= 0 : x > 0 };
  });
  const { version: data } = await rig.addRows('spam-eval', rows);
  await rig.database.transaction((tx) => rig.gates.define(tx, gate));
  await create(services);
  const good = await logModel(rig, services, { x: 8 });
  const bad = await logModel(rig, services, { x: -8 });

  const first = await registerFrom(services, `models:/${good}`, { tags: { 'pawl.evaluation': `spam-eval:${data}` } });
  assert.deepEqual(
    [first.version, first.loggedModel, first.location],
    [1, good, await services.loggedModels.uri(await services.loggedModels.get(good))],
  );
  assert.ok(first.package !== null);
  assert.deepEqual(
    (await readManifest(rig.ports.blobs, first.package)).entries.map(({ path }) => path),
    ['MLmodel', 'model.onnx'],
  );
  assert.equal((await services.loggedModels.get(good)).tags['mlflow.modelVersions'], '[{"name":"spam-filter","version":1}]');

  const again = await registerFrom(services, first.location ?? '', { loggedModel: good });
  assert.equal(again.package, first.package);
  assert.equal((await registerFrom(services, 'models:/spam-filter/1')).package, first.package);
  const worse = await registerFrom(services, `models:/${bad}`, { tags: { 'pawl.evaluation': `spam-eval:${data}` } });

  await settle(createGateReactor({ ...rig.ports, gates: rig.gates, holder: 'one' }));
  const move = (version: number) =>
    rig.stages.move({ model: 'spam-filter', version, stage: 'Production', archiveOthers: false, reason: '', actor });
  assert.equal((await move(1)).version.stage, 'Production');
  await assert.rejects(move(2), has('model_not_gated'));
  await assert.rejects(move(worse.version), has('model_not_gated'));
  for (const alias of ['champion', 'Production']) {
    await assert.rejects(rig.stages.setAlias({ model: 'spam-filter', alias, version: worse.version, actor }), has('model_not_gated'));
  }
  await rig.stages.setAlias({ model: 'spam-filter', alias: 'challenger', version: worse.version, actor });
  await rig.gates.force({ model: 'spam-filter', candidate: worse.version, reason: 'a test', actor });
  await move(worse.version);
  assert.equal((await services.registry.version('spam-filter', 1)).stage, 'Archived', 'a governed model has one version in Production');
});

testOnEach('a governed model keeps its name; what answers at an endpoint is not deleted', async (rig) => {
  const services = registryOf(rig);
  const one = await rig.register({ x: 8 }, 0);
  await rig.database.transaction(async (tx) => {
    await tx.rollouts.putEndpoint({ name: 'spam', model: 'spam-filter', stable: one.version, rollout: null, revision: 1 }, null);
  });
  const name = 'spam-filter';
  await assert.rejects(services.registry.rename({ name, to: 'other', actor }), has('model_governed'));
  await assert.rejects(services.registry.remove({ name, actor }), has('model_governed'));
  await assert.rejects(services.registry.removeVersion({ model: name, version: 1, actor }), has('model_version_in_use'));
  await create(services, 'other');
  await services.registry.remove({ name: 'other', actor });
  await create(services, 'third');
  await assert.rejects(services.registry.rename({ name: 'third', to: name, actor }), has('model_governed'));
});

testOnEach('models nobody governs move as they are told; numbers of deleted versions are not given again', async (rig) => {
  const services = registryOf(rig);
  await create(services);
  for (let count = 0; count < 3; count++) await registerFrom(services, 's3://bucket/model');
  const move = (version: number, archiveOthers: boolean) =>
    rig.stages.move({ model: 'spam-filter', version, stage: 'Production', archiveOthers, reason: '', actor });
  await move(1, false);
  await move(2, false);
  const stages = async () => (await rig.models.versions('spam-filter', undefined, { limit: 9 })).items.map(({ stage }) => stage);
  assert.deepEqual(await stages(), ['None', 'Production', 'Production']);
  await move(3, true);
  assert.deepEqual(await stages(), ['Production', 'Archived', 'Archived']);
  assert.deepEqual(
    (await services.registry.latest(['spam-filter'], [])).map(({ version }) => version),
    [2, 3],
  );
  await rig.stages.setAlias({ model: 'spam-filter', alias: 'best', version: 3, actor });
  await services.registry.removeVersion({ model: 'spam-filter', version: 3, actor });
  await assert.rejects(services.registry.byAlias('spam-filter', 'best'), has('model_alias_not_found'));
  assert.equal((await registerFrom(services, 's3://bucket/model')).version, 4);
  assert.equal((await services.registry.byAlias('spam-filter', 'Latest')).version, 4);
  assert.equal((await registerFrom(services, 's3://bucket/model')).package, null);
});

testOnEach('many that register at once each get a number of their own', async (rig) => {
  const services = registryOf(rig);
  const other = registryOf(await rig.another());
  await create(services);
  const made = await Promise.all(Array.from({ length: 12 }, (_, at) => registerFrom(at % 2 === 0 ? services : other, 's3://bucket/model')));
  assert.deepEqual(
    made.map(({ version }) => version).toSorted((a, b) => a - b),
    Array.from({ length: 12 }, (_, at) => at + 1),
  );
  assert.equal((await rig.models.get('spam-filter')).lastVersion, 12);
});

testOnEach('sources that lead nowhere, or out of where they may, are refused and nothing is registered', async (rig) => {
  const services = registryOf(rig);
  await create(services);
  const id = `m-${'0'.repeat(32)}`;
  const refused: readonly (readonly [string, FaultCode])[] = [
    ['/etc/passwd', 'model_source_invalid'],
    ['mlflow-artifacts:/0/%2e%2e/x', 'model_source_invalid'],
    [`models:/${id}`, 'logged_model_not_found'],
    ['models:/absent/1', 'model_not_found'],
    ['models:/spam-filter/9', 'model_version_not_found'],
  ];
  for (const [source, code] of refused) await assert.rejects(registerFrom(services, source), has(code), source);
  await assert.rejects(registerFrom(services, 's3://b/m', { tags: { 'pawl.evaluation': 'absent:1' } }), has('model_refused'));
  await assert.rejects(registerFrom(services, 's3://b/m', { model: 'absent' }), has('model_not_found'));
  await assert.rejects(registerFrom(services, 's3://b/m', { tags: { 'a"b': '' } }), has('record_invalid'));
  assert.deepEqual((await rig.models.versions('spam-filter', undefined, { limit: 9 })).items, []);
});
