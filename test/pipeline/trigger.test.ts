import assert from 'node:assert/strict';
import test from 'node:test';
import { isFault } from '@pawl/core';
import type { Alert, NewEvent, TriggerSpec } from '@pawl/core';
import { createTriggerReactor, createTriggerService, createTriggerStarter } from '@pawl/engine';
import type { Loop, TriggerService } from '@pawl/engine';
import { fromDataset, pipeline, step, withRig } from './rig.ts';
import type { Rig } from './rig.ts';
import { triggerPorts, triggerSpec } from './trigger-rig.ts';

const HOUR = 3_600_000;
const retrain = triggerSpec({ on: { kind: 'alert', monitor: 'mail', kinds: ['drift'] }, cooldownMs: HOUR, params: { depth: '5' } });

interface Triggered {
  readonly rig: Rig;
  readonly triggers: TriggerService;
  /** Appends firing alerts to the outbox, as the monitor does; returns the events' ids. */
  fire(count: number, kind?: 'drift' | 'quality'): Promise<readonly string[]>;
  setAlert(state: Alert['state']): Promise<void>;
  /** Ticks reactor and starter until both rest. */
  settle(): Promise<void>;
  runs(): Promise<readonly { readonly id: string; readonly event: string | null }[]>;
  decisions(): Promise<Readonly<Record<string, number>>>;
  newest(): Promise<string>;
}

async function withTrigger(command: string, work: (triggered: Triggered) => Promise<void>, spec: TriggerSpec = retrain): Promise<void> {
  await withRig(async (rig) => {
    const ports = triggerPorts(rig);
    await rig.add('mail', { 'a.txt': 'a\n' });
    await rig.define(
      pipeline([step('train', command, { inputs: { mail: fromDataset('mail') }, params: ['depth'], cache: false })], { depth: '1' }),
    );
    const triggers = createTriggerService(ports);
    const define = () => rig.database.transaction((tx) => triggers.define(tx, spec, 'user:test'));
    assert.equal((await define()).changed, true);
    assert.equal((await define()).changed, false);
    const loops: readonly Loop[] = [createTriggerReactor(ports), createTriggerStarter(ports)];
    let alert: Alert | undefined;
    await work({
      rig,
      triggers,
      async fire(count, kind = 'drift') {
        const events = Array.from({ length: count }, (): NewEvent => {
          const data = { monitor: 'mail', kind, alert: 'a1', version: 1 };
          return {
            id: rig.ports.ids.next(),
            type: 'alert.fired',
            subject: 'alert/a1',
            time: rig.clock.now(),
            actor: 'system:monitor',
            data,
          };
        });
        await rig.database.transaction((tx) => tx.events.append(events));
        return events.map((event) => event.id);
      },
      async setAlert(state) {
        const next: Alert = {
          id: 'a1',
          monitor: 'mail',
          kind: 'drift',
          version: 1,
          state,
          pendingAt: 1,
          firedAt: 1,
          resolvedAt: state === 'resolved' ? 2 : null,
          summary: '',
          evidence: {},
          revision: (alert?.revision ?? -1) + 1,
        };
        await rig.database.transaction(async (tx) =>
          assert.ok(alert === undefined ? await tx.alerts.insert(next) : await tx.alerts.update(next, alert.revision)),
        );
        alert = next;
      },
      async settle() {
        for (let busy = true; busy;) {
          busy = false;
          for (const loop of loops) busy = (await loop.tick()) || busy;
        }
      },
      async runs() {
        return (await rig.pipelines.runs({}, { limit: 100 })).items.map((run) => ({ id: run.id, event: run.cause.event }));
      },
      async decisions() {
        const { items } = await triggers.decisions('retrain', { limit: 10_000 });
        return Object.fromEntries(
          Object.entries(
            Object.groupBy(items, (one) => (one.decision === 'started' || one.decision === 'merged' ? one.decision : one.stage)),
          ).map(([what, all]) => [what, all?.length ?? 0]),
        );
      },
      async newest() {
        return (await triggers.decisions('retrain', { limit: 1 })).items[0]?.reason ?? '';
      },
    });
  });
}

test('a storm of 1,000 alerts in a minute makes one run, of which all are causes, and each decision has its reason', async () => {
  const debounced = { ...retrain, debounce: { quietMs: 30_000, maxWaitMs: 300_000 } };
  await withTrigger(
    'true',
    async ({ rig, triggers, fire, settle, runs, decisions, setAlert, newest }) => {
      await setAlert('firing');
      const [first] = await fire(250);
      for (let quarter = 1; quarter < 4; quarter++) {
        await settle();
        rig.clock.advance(15_000);
        await fire(250);
      }
      await settle();
      assert.deepEqual([(await runs()).length, await decisions()], [0, { debounce: 1000 }]);
      rig.clock.advance(30_001);
      await settle();
      const [run, ...others] = await runs();
      assert.ok(run);
      assert.deepEqual([others.length, run.event], [0, first]);
      assert.deepEqual(await decisions(), { debounce: 1000, started: 1, merged: 999 });
      assert.match(await newest(), /^Monitor "mail" fired a drift alert\. 1000 events became this run\.$/);
      assert.equal((await triggers.causes(run.id)).length, 1000);
      const { cause, params } = await rig.pipelines.run(run.id);
      assert.deepEqual([cause.type, cause.actor, cause.key, params], ['trigger', 'system:trigger', `retrain/${first}`, { depth: '5' }]);
    },
    debounced,
  );
});

test('without a debounce the first of a storm starts, and the rest waits out the cool-down', async () => {
  await withTrigger('true', async ({ rig, fire, settle, runs, decisions, setAlert }) => {
    await setAlert('firing');
    await fire(300);
    await settle();
    const [run] = await runs();
    await rig.drive(run?.id ?? '', rig.worker());
    await settle();
    assert.equal((await runs()).length, 1);
    const { started, merged = 0, cooldown = 0 } = await decisions();
    assert.deepEqual([started, merged + cooldown], [1, 299]);
  });
});

test('an alert held back by the cool-down is looked at again when it ends, if it still fires; a failing retraining does not loop', async () => {
  await withTrigger('false', async ({ rig, fire, settle, runs, setAlert, newest }) => {
    await setAlert('firing');
    await fire(3);
    await settle();
    const [first] = await runs();
    assert.ok(first);
    assert.equal((await rig.drive(first.id, rig.worker())).state, 'failed');
    await settle();
    assert.equal((await runs()).length, 1);
    const [late] = await fire(1);
    await settle();
    assert.match(await newest(), /the cool-down lasts another/);
    rig.clock.advance(HOUR - 60_000);
    await settle();
    assert.equal((await runs()).length, 1);
    rig.clock.advance(120_000);
    await settle();
    const second = (await runs())[0];
    assert.deepEqual([(await runs()).length, second?.event], [2, late]);
    await rig.drive(second?.id ?? '', rig.worker());
    rig.clock.advance(10 * HOUR);
    await settle();
    assert.equal((await runs()).length, 2, 'the held back alerts were answered by that start');
  });
});

test('an alert that was resolved meanwhile starts nothing', async () => {
  await withTrigger('true', async ({ rig, fire, settle, runs, setAlert, decisions }) => {
    await setAlert('firing');
    await fire(1);
    await settle();
    const [first] = await runs();
    await rig.drive(first?.id ?? '', rig.worker());
    await fire(4);
    await settle();
    await setAlert('resolved');
    rig.clock.advance(2 * HOUR);
    await settle();
    assert.deepEqual([(await runs()).length, await decisions()], [1, { started: 1, cooldown: 4, resolved: 4 }]);
  });
});

test('another kind or monitor is none of its business', async () => {
  await withTrigger('true', async ({ fire, settle, runs, decisions }) => {
    await fire(10, 'quality');
    await settle();
    assert.deepEqual([(await runs()).length, await decisions()], [0, {}]);
  });
});

test('a pipeline that cannot start holds up no other event; the alert is looked at again', async () => {
  await withTrigger('true', async ({ rig, fire, settle, runs, decisions, setAlert, newest }) => {
    await setAlert('firing');
    await rig.database.transaction((tx) => tx.datasets.setStatus({ dataset: 'mail', version: 1 }, 'rejected'));
    await fire(2);
    await settle();
    assert.deepEqual([(await runs()).length, await decisions()], [0, { refused: 2 }]);
    assert.match(await newest(), /Version 1 of dataset "mail" failed its check/);
    await rig.add('mail', { 'a.txt': 'mended\n' });
    rig.clock.advance(60_001);
    await settle();
    assert.deepEqual([(await runs()).length, await decisions()], [1, { refused: 2, started: 1, merged: 1 }]);
  });
});

test('queue, skip and replace, each event a run of its own', async () => {
  for (const policy of ['queue', 'skip', 'replace'] as const) {
    const spec = triggerSpec({ on: { kind: 'manual' }, merge: false, policy, params: { depth: '{{event.data.n}}' } });
    await withTrigger(
      'true',
      async ({ rig, triggers, settle, runs }) => {
        const fire = (n: number) => triggers.fire('retrain', { data: { n }, note: '', actor: 'user:test' });
        await fire(1);
        await settle();
        await fire(2);
        await settle();
        const [newest] = await runs();
        if (policy !== 'replace') assert.equal((await runs()).length, 1);
        await rig.drive(newest?.id ?? '', rig.worker());
        await settle();
        const all = await Promise.all((await runs()).map(({ id }) => rig.pipelines.run(id)));
        const found = all.map(({ params, state }) => `${params['depth']} ${state}`).toReversed();
        const expected = {
          queue: ['1 succeeded', '2 running'],
          skip: ['1 succeeded'],
          replace: ['1 canceled', '2 succeeded'],
        };
        assert.deepEqual(found, expected[policy]);
      },
      spec,
    );
  }
});

test('filter, dedupe key and budget', async () => {
  const spec = triggerSpec({
    on: { kind: 'manual' },
    filter: { 'data.branch': ['main', 'release-*'] },
    dedupe: { key: '{{event.data.commit}}', windowMs: HOUR },
    budget: 2,
    merge: false,
    maxActive: 9,
  });
  await withTrigger(
    'true',
    async ({ rig, triggers, settle, runs, decisions }) => {
      const fire = (branch: string, commit: string) => triggers.fire('retrain', { data: { branch, commit }, note: '', actor: 'user:test' });
      await fire('feature', 'a');
      await fire('main', 'a');
      await fire('main', 'a');
      await fire('release-1', 'b');
      await fire('main', 'c');
      await settle();
      assert.equal((await runs()).length, 2);
      assert.deepEqual(await decisions(), { filter: 1, duplicate: 1, started: 2, budget: 1 });
      rig.clock.advance(25 * HOUR);
      await settle();
      assert.equal((await runs()).length, 3);
    },
    spec,
  );
});

test('a trigger names what is there', async () => {
  await withRig(async (rig) => {
    const triggers = createTriggerService(triggerPorts(rig));
    const define = (spec: TriggerSpec) => rig.database.transaction((tx) => triggers.define(tx, spec, 'user:test'));
    await assert.rejects(define(retrain), (error) => isFault(error, 'pipeline_not_found'));
    await rig.define(pipeline([step('train', 'true')]));
    await assert.rejects(define(retrain), (error) => isFault(error, 'parameter_unknown'));
    await assert.rejects(triggers.get('retrain'), (error) => isFault(error, 'trigger_not_found'));
    const circle = triggerSpec({ on: { kind: 'pipeline', pipeline: 'p', states: ['succeeded'] } });
    await assert.rejects(define(circle), (error) => isFault(error, 'trigger_invalid') && /start itself again/.test(error.message));
  });
});
