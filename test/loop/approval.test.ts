import assert from 'node:assert/strict';
import { isFault } from '@pawl/core';
import type { FaultCode, GateSpec, ModelPolicy, RolloutSpec } from '@pawl/core';
import { createRequestExpiry, createRolloutReactor } from '@pawl/engine';
import { HOUR, settle, testOnEach } from './rig.ts';
import type { Rig } from './rig.ts';

const has = (code: FaultCode) => (error: unknown) => isFault(error, code);
const model = 'spam-filter';

const gate: GateSpec = {
  name: model,
  model,
  label: 'spam',
  margin: 0.02,
  alpha: 0.05,
  floors: { f1: null, maxFalsePositiveRate: null },
  baselineImprovement: 0.5,
};

const policy: ModelPolicy = {
  model,
  approvals: { Production: { approvers: ['user:lead-*', 'user:ann'], fourEyes: true, expiresMs: HOUR } },
  aliases: ['champion'],
  force: ['user:lead-*'],
  mostInProduction: 1,
};

const rollout: RolloutSpec = {
  name: 'spam',
  endpoint: 'spam',
  model,
  automatic: true,
  steps: [{ weight: 0.5, minRequests: 10, minMs: 0, require: 'fine' }],
  guards: [{ metric: 'failures', sloMs: null, tolerance: 1, noWorseThan: 1.5, margin: 0.02, required: true }],
  alpha: 0.05,
  maxStepMs: 1e9,
  onTimeout: 'hold',
};

/** A governed model with as many good versions, each judged against what is in Production: nothing yet. */
async function prepare(rig: Rig, versions: number, rules: ModelPolicy | null = policy): Promise<void> {
  await rig.database.transaction(async (tx) => {
    await rig.gates.define(tx, gate);
    if (rules !== null) await rig.stages.define(tx, rules);
  });
  const rows = Array.from({ length: 400 }, (_, row) => {
    const x = ((row * 7919) % 400) / 200 - 0.9991;
    return { x, spam: row % 50 === 0 ? x <= 0 : x > 0 };
  });
  const { version } = await rig.addRows('spam-eval', rows);
  for (let count = 0; count < versions; count++)
    await judge(rig, (await rig.register({ x: 8 }, 0, { evaluation: { dataset: 'spam-eval', version } })).version);
}

const judge = (rig: Rig, candidate: number) => rig.gates.decide({ id: rig.ids.next(), model, candidate, actor: 'user:ann' });

const move = (rig: Pick<Rig, 'stages'>, version: number, actor = 'user:ann', more: { force?: boolean; reason?: string } = {}) =>
  rig.stages.move({ model, version, stage: 'Production', reason: 'better', actor, ...more });

const decide = (rig: Pick<Rig, 'stages'>, id: string, decision: 'grant' | 'refuse' | 'withdraw', actor: string) =>
  rig.stages.decide({ id, decision, note: 'a note', actor });

async function pending(rig: Rig, version: number, actor?: string): Promise<string> {
  const { request, version: found } = await move(rig, version, actor);
  assert.ok(request !== null);
  assert.deepEqual([request.state, found.stage], ['pending', 'None']);
  return request.id;
}

const stageOf = async (rig: Rig, version: number) => (await rig.models.version(model, String(version))).stage;

testOnEach('a move that needs approval waits for somebody else who may, once, and everything is told', async (rig) => {
  await prepare(rig, 1);
  const id = await pending(rig, 1);
  assert.equal(await pending(rig, 1, 'user:carl'), id, 'asking twice asks once');
  await assert.rejects(decide(rig, id, 'grant', 'user:ann'), has('stage_request_denied'));
  await assert.rejects(decide(rig, id, 'grant', 'user:eve'), has('stage_request_denied'));
  await assert.rejects(decide(rig, id, 'withdraw', 'user:eve'), has('stage_request_denied'));
  const granted = await decide(rig, id, 'grant', 'user:lead-bob');
  assert.deepEqual([granted.version.stage, granted.request?.state, granted.request?.decidedBy], ['Production', 'granted', 'user:lead-bob']);
  await assert.rejects(decide(rig, id, 'refuse', 'user:lead-bob'), has('stage_request_ended'));
  const { items } = await rig.database.read.events.list({ subject: `model/${model}/1` }, { limit: 50 });
  assert.deepEqual(
    items.map(({ type }) => type),
    ['model.version_registered', 'model.move_requested', 'model.move_granted', 'model.stage_changed'],
  );
  assert.match(items.at(-1)?.data['reason'] as string, /better \(asked by user:ann, request [0-9a-f]{32}\)/);
});

testOnEach('of many who decide at once one does, whatever they decide', async (rig) => {
  await prepare(rig, 1);
  const other = await rig.another();
  const id = await pending(rig, 1);
  const outcomes = await Promise.allSettled([
    decide(rig, id, 'grant', 'user:lead-a'),
    decide(other, id, 'grant', 'user:lead-b'),
    decide(rig, id, 'refuse', 'user:lead-c'),
    decide(other, id, 'withdraw', 'user:ann'),
  ]);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  const { state } = await rig.stages.request(id);
  assert.equal(await stageOf(rig, 1), state === 'granted' ? 'Production' : 'None');
  const ended = (await rig.eventTypes()).filter((type) => /^model\.move_(granted|refused|withdrawn)$/.test(type));
  assert.equal(ended.length, 1);
});

testOnEach('requests are refused, withdrawn, and over after their time; then another may be made', async (rig) => {
  await prepare(rig, 1);
  const refused = await pending(rig, 1);
  assert.equal((await decide(rig, refused, 'refuse', 'user:lead-bob')).request?.note, 'a note');
  const withdrawn = await pending(rig, 1);
  await decide(rig, withdrawn, 'withdraw', 'user:ann');
  const late = await pending(rig, 1);
  rig.clock.advanceTo(rig.clock.now() + HOUR);
  await assert.rejects(decide(rig, late, 'grant', 'user:lead-bob'), has('stage_request_ended'));
  await settle(createRequestExpiry(rig.ports));
  assert.equal((await rig.stages.request(late)).state, 'expired');
  const last = await pending(rig, 1);
  rig.clock.advanceTo(rig.clock.now() + HOUR);
  const next = await pending(rig, 1);
  assert.notEqual(next, last, 'one whose time is over is not waited for, whether or not the loop has ended it');
  const states = (await rig.stages.requests({ model }, { limit: 9 })).items.map(({ state }) => state);
  assert.deepEqual(states, ['pending', 'expired', 'expired', 'withdrawn', 'refused']);
  assert.equal(await stageOf(rig, 1), 'None');
});

testOnEach('a PASS is good against the version in Production now, also at the moment of the grant', async (rig) => {
  await prepare(rig, 3, null);
  assert.equal((await move(rig, 1)).version.stage, 'Production');
  await assert.rejects(
    move(rig, 2),
    (error) => has('model_not_gated')(error) && /PASS with no version.*version 1 is in/.test(String(error)),
  );
  await judge(rig, 2);
  await judge(rig, 3);
  await rig.database.transaction((tx) => rig.stages.define(tx, policy));
  const two = await pending(rig, 2);
  const three = await pending(rig, 3);
  await decide(rig, two, 'grant', 'user:lead-bob');
  await assert.rejects(decide(rig, three, 'grant', 'user:lead-bob'), has('model_not_gated'));
  assert.equal((await rig.stages.request(three)).state, 'pending', 'it waits until it is judged again');
  await judge(rig, 3);
  await decide(rig, three, 'grant', 'user:lead-bob');
  assert.deepEqual(await Promise.all([1, 2, 3].map((version) => stageOf(rig, version))), ['Archived', 'Archived', 'Production']);
});

testOnEach('a gate is overruled by whoever may, with a reason that stays with the version', async (rig) => {
  await prepare(rig, 1, { ...policy, approvals: {} });
  const unjudged = (await rig.register({ x: -8 }, 0)).version;
  await assert.rejects(move(rig, unjudged), has('model_not_gated'));
  await assert.rejects(move(rig, unjudged, 'user:ann', { force: true }), has('model_force_denied'));
  await assert.rejects(move(rig, unjudged, 'user:lead-bob', { force: true, reason: ' ' }), has('invalid_input'));
  await assert.rejects(rig.gates.force({ model, candidate: 1, reason: 'r', actor: 'user:ann' }), has('model_force_denied'));
  const { version } = await move(rig, unjudged, 'user:lead-bob', { force: true, reason: 'the old one is broken' });
  assert.equal(version.stage, 'Production');
  assert.deepEqual(
    [version.forced?.actor, version.forced?.reason, version.forced?.verdict],
    ['user:lead-bob', 'the old one is broken', 'nothing yet'],
  );
  assert.deepEqual((await rig.lineage.ofModel(model, unjudged)).version.forced, version.forced);
});

testOnEach('an alias that means Production follows its rules; others, and those of what is there, are free', async (rig) => {
  await prepare(rig, 2);
  const alias = (version: number, name = 'Champion') => rig.stages.setAlias({ model, alias: name, version, actor: 'user:ann' });
  const named = async () => (await rig.models.aliases(model)).map((one) => `${one.alias} ${one.version}`);
  await alias(2, 'challenger');
  const { request } = await alias(1);
  assert.deepEqual([request?.state, request?.alias], ['pending', 'Champion']);
  assert.deepEqual(await named(), ['challenger 2']);
  await decide(rig, request?.id ?? '', 'grant', 'user:lead-bob');
  assert.deepEqual(await named(), ['Champion 1', 'challenger 2']);
  assert.equal(await stageOf(rig, 1), 'None');
  await decide(rig, await pending(rig, 2), 'grant', 'user:lead-bob');
  assert.equal((await alias(2)).request, null);
  assert.deepEqual(await named(), ['Champion 2', 'challenger 2']);
});

testOnEach('where a model has endpoints a move to Production is a rollout, which the grant starts', async (rig) => {
  await prepare(rig, 2, { ...policy, approvals: { Production: { approvers: ['user:ann'], fourEyes: false, expiresMs: HOUR } } });
  await rig.database.transaction((tx) => rig.rollouts.define(tx, rollout));
  const start = (candidate: number) => rig.rollouts.start({ id: rig.ids.next(), endpoint: 'spam', candidate, actor: 'user:ann' });
  await assert.rejects(start(1), has('rollout_needs_approval'));
  await settle(createRolloutReactor({ ...rig.ports, ...rig }));
  const asked = (await rig.stages.requests({ model, state: 'pending' }, { limit: 9 })).items;
  assert.deepEqual(
    asked.map(({ version, requestedBy }) => `${version} ${requestedBy}`).toSorted(),
    ['1 system:rollout', '2 system:rollout'],
    'a passed gate asks by itself',
  );
  const first = await decide(rig, asked.find((one) => one.version === 1)?.id ?? '', 'grant', 'user:ann');
  assert.deepEqual([first.version.stage, first.rollouts.length], ['Production', 0], 'the first of an endpoint is there at once');
  assert.equal((await rig.rollouts.endpoint('spam')).stable, 1);

  await decide(rig, asked.find((one) => one.version === 2)?.id ?? '', 'refuse', 'user:ann');
  await judge(rig, 2);
  const second = await move(rig, 2);
  assert.deepEqual([second.request?.state, second.version.stage], ['granted', 'Staging'], 'an approver grants himself');
  assert.deepEqual(
    second.rollouts.map(({ candidate, state }) => [candidate, state]),
    [[2, 'running']],
  );
  assert.deepEqual(
    (await move(rig, 2)).rollouts.map(({ id }) => id),
    second.rollouts.map(({ id }) => id),
  );
  const archive = rig.stages.move({ model, version: 1, stage: 'Archived', reason: '', actor: 'user:ann' });
  await assert.rejects(archive, has('model_version_in_use'));
  await rig.rollouts.decide({ id: second.rollouts[0]?.id ?? '', decision: 'promote', reason: 'r', actor: 'user:ann' });
  assert.deepEqual([await stageOf(rig, 1), await stageOf(rig, 2)], ['Archived', 'Production']);
});

testOnEach('as many versions are in Production as the rules let be', async (rig) => {
  await prepare(rig, 0, { ...policy, approvals: {}, force: ['*'], mostInProduction: 2 });
  for (let count = 0; count < 3; count++) await rig.register({ x: 8 }, 0);
  const force = (version: number, archiveOthers?: boolean) =>
    rig.stages.move({
      model,
      version,
      stage: 'Production',
      reason: 'r',
      force: true,
      actor: 'user:ann',
      ...(archiveOthers === undefined ? {} : { archiveOthers }),
    });
  await force(1);
  await force(2);
  await assert.rejects(force(3), has('model_production_full'));
  await force(3, true);
  assert.deepEqual(await Promise.all([1, 2, 3].map((version) => stageOf(rig, version))), ['Archived', 'Archived', 'Production']);
});
