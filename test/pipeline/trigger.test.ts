import assert from 'node:assert/strict';
import test from 'node:test';
import { isFault } from '@pawl/core';
import type { Alert, NewEvent, TriggerSpec } from '@pawl/core';
import { createTriggerReactor, createTriggerRecheck, createTriggerService } from '@pawl/engine';
import type { Loop } from '@pawl/engine';
import { fromDataset, pipeline, step, withRig } from './rig.ts';
import type { Rig } from './rig.ts';

const HOUR = 3_600_000;
const retrain: TriggerSpec = {
  name: 'retrain',
  pipeline: 'p',
  monitor: 'mail',
  kinds: ['drift'],
  cooldownMs: HOUR,
  params: { depth: '5' },
};

interface Triggered {
  readonly rig: Rig;
  readonly loops: readonly Loop[];
  /** Appends firing alerts to the outbox, as the monitor does; returns the events' ids. */
  fire(count: number, kind?: 'drift' | 'quality'): Promise<readonly string[]>;
  setAlert(state: Alert['state']): Promise<void>;
  /** Ticks reactor and recheck until both rest. */
  settle(): Promise<void>;
  runs(): Promise<readonly { readonly id: string; readonly event: string | null }[]>;
  decisions(): Promise<Readonly<Record<'started' | 'suppressed', number>>>;
}

async function withTrigger(command: string, work: (triggered: Triggered) => Promise<void>): Promise<void> {
  await withRig(async (rig) => {
    const ports = { ...rig.ports, pipelines: rig.pipelines };
    await rig.add('mail', { 'a.txt': 'a\n' });
    await rig.define(
      pipeline([step('train', command, { inputs: { mail: fromDataset('mail') }, params: ['depth'], cache: false })], { depth: '1' }),
    );
    const triggers = createTriggerService(ports);
    const define = (spec: TriggerSpec) => rig.database.transaction((tx) => triggers.define(tx, spec, 'user:test'));
    assert.equal((await define(retrain)).changed, true);
    assert.equal((await define(retrain)).changed, false);
    const loops = [createTriggerReactor(ports), createTriggerRecheck(ports)];
    let alert: Alert | undefined;
    await work({
      rig,
      loops,
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
        const all = await triggers.decisions('retrain', 10_000);
        const count = (decision: string) => all.filter((one) => one.decision === decision).length;
        return { started: count('started'), suppressed: count('suppressed') };
      },
    });
  });
}

test('a storm of 1,000 alerts makes one run, and each decision has its reason', async () => {
  await withTrigger('true', async ({ rig, fire, settle, runs, decisions, setAlert }) => {
    await setAlert('firing');
    const events = await fire(1000);
    await settle();
    const [run, ...others] = await runs();
    assert.ok(run);
    assert.deepEqual([others.length, run.event], [0, events[0]]);
    assert.deepEqual(await decisions(), { started: 1, suppressed: 999 });
    const [newest] = await rig.database.read.triggers.decisions('retrain', 1);
    assert.match(newest?.reason ?? '', new RegExp(`^Run ${run.id} of pipeline "p" is still under way\\.$`));
    const { cause, params } = await rig.pipelines.run(run.id);
    assert.deepEqual([cause.type, cause.actor, cause.key, params], ['trigger', 'system:trigger', events[0], { depth: '5' }]);
    const decided = await rig.database.read.events.list({ types: ['trigger.decided'], subject: 'trigger/retrain' }, { limit: 2000 });
    assert.equal(decided.items.length, 1000);
  });
});

test('an alert held back by the cool-down is looked at again when it ends, if it still fires', async () => {
  await withTrigger('false', async ({ rig, fire, settle, runs, setAlert }) => {
    await setAlert('firing');
    await fire(3);
    await settle();
    const [first] = await runs();
    assert.ok(first);
    assert.equal((await rig.drive(first.id, rig.worker())).state, 'failed');
    await settle();
    assert.equal((await runs()).length, 1, 'a failing retraining does not loop');
    const [late] = await fire(1);
    await settle();
    rig.clock.advance(HOUR - 60_000);
    await settle();
    assert.equal((await runs()).length, 1);
    rig.clock.advance(120_000);
    await settle();
    const second = (await runs())[0];
    assert.deepEqual([(await runs()).length, second?.event], [2, late]);
    const [newest] = await rig.database.read.triggers.decisions('retrain', 1);
    assert.match(newest?.reason ?? '', /still has an alert firing after the cool-down; 3 alerts were held back/);
    await rig.drive(second?.id ?? '', rig.worker());
    rig.clock.advance(10 * HOUR);
    await settle();
    assert.equal((await runs()).length, 2, 'the held back alerts were answered by that start');
  });
});

test('an alert that was resolved meanwhile starts nothing', async () => {
  await withTrigger('true', async ({ rig, fire, settle, runs, setAlert }) => {
    await setAlert('firing');
    await fire(5);
    await settle();
    const [first] = await runs();
    await rig.drive(first?.id ?? '', rig.worker());
    await setAlert('resolved');
    rig.clock.advance(2 * HOUR);
    await settle();
    assert.equal((await runs()).length, 1);
  });
});

test('another kind or monitor is none of its business', async () => {
  await withTrigger('true', async ({ fire, settle, runs, decisions }) => {
    await fire(10, 'quality');
    await settle();
    assert.deepEqual([(await runs()).length, await decisions()], [0, { started: 0, suppressed: 0 }]);
  });
});

test('a pipeline that cannot start holds up no other event; the alert is looked at again', async () => {
  await withTrigger('true', async ({ rig, fire, settle, runs, decisions, setAlert }) => {
    await setAlert('firing');
    await rig.database.transaction((tx) => tx.datasets.setStatus({ dataset: 'mail', version: 1 }, 'rejected'));
    await fire(2);
    await settle();
    assert.deepEqual([(await runs()).length, await decisions()], [0, { started: 0, suppressed: 2 }]);
    const [newest] = await rig.database.read.triggers.decisions('retrain', 1);
    assert.match(newest?.reason ?? '', /Version 1 of dataset "mail" failed its check/);
    await rig.add('mail', { 'a.txt': 'mended\n' });
    rig.clock.advance(60_001);
    await settle();
    assert.deepEqual([(await runs()).length, await decisions()], [1, { started: 1, suppressed: 2 }]);
  });
});

test('a trigger names a pipeline and parameters that are there', async () => {
  await withRig(async (rig) => {
    const triggers = createTriggerService(rig.ports);
    const define = (spec: TriggerSpec) => rig.database.transaction((tx) => triggers.define(tx, spec, 'user:test'));
    await assert.rejects(define(retrain), (error) => isFault(error, 'pipeline_not_found'));
    await rig.define(pipeline([step('train', 'true')]));
    await assert.rejects(define(retrain), (error) => isFault(error, 'parameter_unknown'));
    await assert.rejects(triggers.get('retrain'), (error) => isFault(error, 'trigger_not_found'));
  });
});
