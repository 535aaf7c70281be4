import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { isFault } from '@pawl/core';
import type { NewEvent, PipelineRun, TriggerSource, TriggerSpec } from '@pawl/core';
import { createTriggerPoll, createTriggerReactor, createTriggerService, createTriggerStarter } from '@pawl/engine';
import type { Loop } from '@pawl/engine';
import { pipeline, step, withRig } from './rig.ts';
import type { Rig } from './rig.ts';
import { triggerPorts, triggerSpec } from './trigger-rig.ts';
import { servedRow } from '../support/prediction.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PARAMETERS = { interval_start: '', interval_end: '', scheduled_for: '', partition: '', extra: '' };

const nightly = (change: Partial<Extract<TriggerSource, { kind: 'schedule' }>> = {}): TriggerSource => ({
  kind: 'schedule',
  cron: '30 2 * * *',
  everyMs: null,
  timezone: 'UTC',
  jitterMs: 0,
  start: null,
  end: null,
  catchUp: 'all',
  catchUpLimit: 100,
  ...change,
});

interface Timed {
  readonly rig: Rig;
  readonly triggers: ReturnType<typeof createTriggerService>;
  define(change: Partial<TriggerSpec>): Promise<unknown>;
  settle(...more: readonly Loop[]): Promise<void>;
  /** Oldest first. */
  runs(): Promise<readonly PipelineRun[]>;
  /** Pushes the clock to this time of the next day. */
  toClock(hour: number, minute: number): void;
}

async function withClock(work: (timed: Timed) => Promise<void>): Promise<void> {
  await withRig(async (rig) => {
    const ports = triggerPorts(rig);
    const triggers = createTriggerService(ports);
    await rig.define(pipeline([step('only', 'true')], PARAMETERS));
    // Two schedulers at once: no moment may be theirs twice.
    const loops = [
      createTriggerPoll(ports),
      createTriggerPoll(ports),
      createTriggerReactor(ports),
      createTriggerStarter(ports),
      createTriggerStarter(ports),
    ];
    const settle = async (...more: readonly Loop[]): Promise<void> => {
      for (let busy = true; busy;) busy = (await Promise.all([...loops, ...more].map((loop) => loop.tick()))).some(Boolean);
    };
    await work({
      rig,
      triggers,
      settle,
      define: (change) => rig.database.transaction((tx) => triggers.define(tx, triggerSpec(change), 'user:test')),
      runs: async () => (await rig.pipelines.runs({}, { limit: 1000 })).items.toReversed(),
      toClock(hour, minute) {
        const now = rig.clock.now();
        const midnight = Math.floor(now / DAY) * DAY + DAY;
        rig.clock.advance(midnight + hour * HOUR + minute * 60_000 - now);
      },
    });
  });
}

for (const [catchUp, expected] of [
  ['all', 3],
  ['latest', 1],
  ['none', 0],
] as const) {
  test(`three days of downtime and catch-up "${catchUp}" make ${expected} runs, each about its own day`, async () => {
    await withClock(async ({ rig, triggers, define, settle, runs, toClock }) => {
      toClock(0, 0);
      await define({ on: nightly({ catchUp }), merge: false, maxActive: 10 });
      await settle();
      assert.equal((await runs()).length, 0);
      const first = Math.floor(rig.clock.now() / DAY) * DAY + 2.5 * HOUR;
      rig.clock.advance(2 * DAY + 12 * HOUR);
      await settle();
      const made = await runs();
      assert.equal(made.length, expected);
      const days = [0, 1, 2].map((day) => first + day * DAY).slice(3 - expected);
      assert.deepEqual(
        made.map(({ schedule }) => schedule),
        days.map((scheduledFor) => ({ scheduledFor, start: scheduledFor - DAY, end: scheduledFor })),
      );
      if (made[0] !== undefined) assert.equal(made[0].params['interval_end'], new Date(days[0] ?? 0).toISOString());
      const missed = (await triggers.decisions('retrain', { limit: 100 })).items.filter(({ stage }) => stage === 'missed');
      assert.equal(missed.length, expected === 3 ? 0 : 1);
      await settle();
      assert.equal((await runs()).length, expected);
    });
  });
}

test('on time, a clock that steps back, an edit between two moments, and the queue', async () => {
  await withClock(async ({ rig, define, settle, runs, toClock }) => {
    toClock(0, 0);
    await define({ on: nightly(), merge: false });
    await settle();
    rig.clock.advance(2.5 * HOUR + 200);
    await settle();
    assert.equal((await runs()).length, 1);
    rig.clock.advance(-2 * HOUR);
    await settle();
    rig.clock.advance(2 * HOUR);
    await settle();
    assert.equal((await runs()).length, 1, 'a moment is used once');
    // Another hour from now on; what only the parameters say moves nothing.
    await define({ on: nightly({ cron: '0 5 * * *' }), merge: false });
    await settle();
    await define({ on: nightly({ cron: '0 5 * * *' }), merge: false, params: { extra: 'x' } });
    await settle();
    rig.clock.advance(3 * HOUR);
    await settle();
    const [first, ...rest] = await runs();
    assert.equal(rest.length, 0, 'one at once: the second waits');
    await rig.drive(first?.id ?? '', rig.worker());
    await settle();
    const second = (await runs())[1];
    assert.deepEqual([(second?.schedule?.scheduledFor ?? 0) % DAY, second?.params['extra']], [5 * HOUR, 'x']);
  });
});

test('files that keep their size, and all of several datasets', async () => {
  await withClock(async ({ rig, define, settle, runs }) => {
    mkdirSync(join(rig.root, 'in'));
    await define({
      on: { kind: 'file', folder: 'in', pattern: '*.csv', stableMs: 5000 },
      merge: false,
      maxActive: 9,
      params: { extra: '{{event.data.name}}' },
    });
    await define({ name: 'both', on: { kind: 'dataset', need: 'all', datasets: ['a', 'b'] }, maxActive: 9, params: { extra: 'both' } });
    rig.write('in/a.csv', 'half');
    rig.write('in/.hidden.csv', 'no');
    await settle();
    rig.clock.advance(4000);
    rig.write('in/a.csv', 'half and whole');
    await settle();
    rig.clock.advance(4000);
    await settle();
    assert.equal((await runs()).length, 0, 'it still grows');
    rig.clock.advance(2000);
    await settle();
    assert.deepEqual(
      (await runs()).map(({ params }) => params['extra']),
      ['a.csv'],
    );
    await rig.add('a', { x: '1' });
    await rig.add('a', { x: '2' });
    await settle();
    assert.equal((await runs()).length, 1);
    await rig.add('b', { x: '1' });
    await settle();
    assert.deepEqual(
      (await runs()).map(({ params }) => params['extra']),
      ['a.csv', 'both'],
    );
    rig.clock.advance(60_000);
    await settle();
    assert.equal((await runs()).length, 2, 'a file comes once');
  });
});

test('enough new labels, a model that reaches a stage or an alias, and the end of another pipeline', async () => {
  await withClock(async ({ rig, define, settle, runs }) => {
    const each = { merge: false, maxActive: 9 } as const;
    await define({ ...each, on: { kind: 'labels', endpoint: 'spam', count: 3 }, params: { extra: 'labels {{event.data.count}}' } });
    const model: TriggerSource = { kind: 'model', model: 'm', stage: 'Production', alias: 'best' };
    await define({ ...each, name: 'stage', on: model, params: { extra: '{{event.type}}' } });
    await rig.define({ ...pipeline([step('x', 'true')]), name: 'upstream' });
    const upstream: TriggerSource = { kind: 'pipeline', pipeline: 'upstream', states: ['failed'] };
    await define({ ...each, name: 'after', on: upstream, params: { extra: 'after {{event.data.state}}' } });
    const label = async (count: number, endpoint: string, from: number): Promise<void> => {
      const ids = Array.from({ length: count }, (_, at) => `${endpoint} ${from + at}`);
      await rig.database.transaction(async (tx) => {
        await tx.predictions.insert(ids.map((id) => servedRow(id, { endpoint })));
        await tx.predictions.putLabels(ids.map((prediction) => ({ endpoint, prediction, row: 0, value: true, time: 1 })));
      });
      rig.clock.advance(2001);
      await settle();
    };
    const extras = async () => (await runs()).map(({ params }) => params['extra']);
    await label(2, 'spam', 0);
    await label(5, 'other', 0);
    assert.deepEqual(await extras(), []);
    await label(2, 'spam', 2);
    assert.deepEqual(await extras(), ['labels 4']);
    await label(2, 'spam', 4);
    assert.deepEqual(await extras(), ['labels 4'], 'those before are used up');

    const tell = (type: NewEvent['type'], data: NewEvent['data']) =>
      rig.database.transaction((tx) =>
        tx.events.append([{ id: rig.ports.ids.next(), type, subject: 'x', time: rig.clock.now(), actor: 'user:test', data }]),
      );
    await tell('model.stage_changed', { model: 'm', version: 2, from: 'None', to: 'Staging' });
    await tell('model.stage_changed', { model: 'm', version: 2, from: 'Staging', to: 'Production' });
    await tell('model.alias_set', { model: 'm', version: 2, alias: 'best' });
    await tell('pipeline.run_ended', { run: 'r', pipeline: 'upstream', state: 'succeeded' });
    await tell('pipeline.run_ended', { run: 'r', pipeline: 'upstream', state: 'failed' });
    await settle();
    assert.deepEqual(
      (await extras()).toSorted((a = '', b = '') => a.localeCompare(b)),
      ['after failed', 'labels 4', 'model.alias_set', 'model.stage_changed'],
    );
  });
});

test('signed CloudEvents, and pushes of GitHub and GitLab; a repetition, a wrong signature and an old one start nothing', async () => {
  await withClock(async ({ rig, triggers, define, settle, runs }) => {
    const webhook = (format: 'cloudevents' | 'github' | 'gitlab'): Partial<TriggerSpec> => ({
      on: { kind: 'webhook', format, toleranceMs: 300_000 },
      merge: false,
      maxActive: 9,
      params: { extra: format === 'cloudevents' ? '{{event.type}} {{event.data.n}}' : '{{event.data.branch}} {{event.data.commit}}' },
    });
    await define(webhook('cloudevents'));
    const post = (headers: Readonly<Record<string, string>>, body: string) =>
      triggers.receive('retrain', { headers, body: Buffer.from(body) });
    await assert.rejects(post({}, ''), (error) => isFault(error, 'trigger_without_secret'));
    const secret = await triggers.renewSecret('retrain', 'user:test');
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const sign = (id: string, body: string, at = rig.clock.now()) => {
      const timestamp = String(Math.floor(at / 1000));
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
      return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,AAAA v1,${signature}` };
    };
    const event = (id: string, n: number) => ({ specversion: '1.0', id, source: '/s', type: 'com.example.up', data: { n } });
    const one = JSON.stringify(event('e1', 1));
    const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    assert.deepEqual(await post({ ...structured, ...sign('m1', one) }, one), { accepted: 1, repeated: 0 });
    assert.deepEqual(await post({ ...structured, ...sign('m2', one) }, one), { accepted: 0, repeated: 1 });
    const batch = JSON.stringify([event('e1', 1), event('e2', 2)]);
    const batched = { 'content-type': 'application/cloudevents-batch+json' };
    assert.deepEqual(await post({ ...batched, ...sign('m3', batch) }, batch), { accepted: 1, repeated: 1 });
    const binary = {
      'ce-specversion': '1.0',
      'ce-id': 'm4',
      'ce-source': '/s',
      'ce-type': 'com.example.up',
      'content-type': 'application/json',
    };
    assert.deepEqual(await post({ ...binary, ...sign('m4', '{"n":3}') }, '{"n":3}'), { accepted: 1, repeated: 0 });
    assert.deepEqual(await post({ ...binary, 'ce-source': '/other', ...sign('m4', '{"n":3}') }, '{"n":3}'), { accepted: 0, repeated: 1 });
    const refused = (problem: RegExp) => (error: unknown) => isFault(error, 'signature_refused') && problem.test((error as Error).message);
    await assert.rejects(post({ ...structured, ...sign('m5', one) }, `${one} `), refused(/does not fit/));
    await assert.rejects(post({ ...structured, ...sign('m6', one, rig.clock.now() - 301_000) }, one), refused(/s off; 300 s are allowed/));
    await assert.rejects(
      post({ ...binary, ...sign('m7', '{}') }, '{}'),
      (error) => isFault(error, 'invalid_input') && /ce-id is not its webhook-id/.test(error.message),
    );

    await define(webhook('github'));
    const push = JSON.stringify({ ref: 'refs/heads/main', after: 'abc', repository: { full_name: 'o/r', clone_url: 'u' } });
    const hub = `sha256=${createHmac('sha256', secret).update(push).digest('hex')}`;
    assert.deepEqual(await post({ 'x-github-event': 'push', 'x-hub-signature-256': hub }, push), { accepted: 1, repeated: 0 });
    await assert.rejects(
      post({ 'x-github-event': 'push', 'x-hub-signature-256': `${hub.slice(0, -1)}x` }, push),
      refused(/X-Hub-Signature-256/),
    );
    await define(webhook('gitlab'));
    const merge = JSON.stringify({
      object_kind: 'merge_request',
      project: { path_with_namespace: 'g/r', git_http_url: 'u' },
      object_attributes: { action: 'open', iid: 7, source_branch: 'topic', last_commit: { id: 'def' } },
    });
    assert.deepEqual(await post({ 'x-gitlab-token': secret }, merge), { accepted: 1, repeated: 0 });
    await assert.rejects(post({ 'x-gitlab-token': 'guess' }, merge), refused(/X-Gitlab-Token/));
    await settle();
    const extras = (await runs()).map(({ params }) => params['extra']);
    assert.equal(extras.length, 5);
  });
});
