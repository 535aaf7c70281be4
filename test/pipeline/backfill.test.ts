import assert from 'node:assert/strict';
import test from 'node:test';
import { isFault } from '@pawl/core';
import { createBackfillRunner, createBackfillService, createPipelineService } from '@pawl/engine';
import type { Loop } from '@pawl/engine';
import { pipeline, step, withRig } from './rig.ts';
import { triggerPorts } from './trigger-rig.ts';

test('365 daily partitions under a limit; asking again changes nothing, forcing runs them again', async () => {
  await withRig(async (rig) => {
    await rig.define(pipeline([step('only', 'true')], { partition: '' }));
    const runs = async () => (await rig.pipelines.runs({}, { limit: 1000 })).items.toReversed();
    // Looking at the code of each run asks git, which takes longer than all the rest.
    const pipelines = createPipelineService({ ...rig.ports, code: { inspect: async () => null } });
    const ports = { ...rig.ports, pipelines, calendar: triggerPorts(rig).calendar };
    const backfills = createBackfillService(ports);
    const runner = createBackfillRunner(ports);
    // What the steps do is not what this is about: the runs end as soon as they are there.
    const worker: Loop = {
      name: 'ends runs',
      async tick() {
        const { items } = await rig.pipelines.runs({ state: 'running' }, { limit: 1000 });
        most = Math.max(most, items.length);
        await rig.database.transaction(async (tx) => {
          for (const run of items) await tx.pipelines.updateRun({ ...run, state: 'succeeded', endedAt: rig.clock.now() }, run.revision);
        });
        return items.length > 0;
      },
    };
    let most = 0;
    const request = {
      pipeline: 'p',
      from: '2025-01-01',
      to: '2025-12-31',
      unit: 'daily',
      timezone: 'Europe/Berlin',
      params: {},
      concurrency: 8,
      order: 'oldest',
      force: false,
      key: '',
      actor: 'user:test',
    } as const;
    assert.equal((await backfills.plan(request)).length, 365);
    const { backfill, created } = await backfills.ask(request);
    assert.equal(created, true);
    const drive = async (id: string): Promise<void> => {
      while ((await backfills.get(id)).backfill.state === 'running') {
        await runner.tick();
        await worker.tick();
      }
    };
    await drive(backfill.id);
    assert.deepEqual((await backfills.get(backfill.id)).counts, { succeeded: 365 });
    assert.ok(most <= 8, `${most} at once`);
    const again = await backfills.ask({ ...request, concurrency: 2 });
    assert.deepEqual([again.created, again.backfill.id, again.backfill.concurrency], [false, backfill.id, 8]);
    const all = await runs();
    assert.deepEqual([all.length, all[0]?.params['partition'], all[0]?.cause.type], [365, '2025-01-01', 'backfill']);
    // A longer range skips what is there.
    const longer = await backfills.ask({ ...request, to: '2026-01-01' });
    await drive(longer.backfill.id);
    assert.deepEqual((await backfills.get(longer.backfill.id)).counts, { skipped: 365, succeeded: 1 });
    const forced = await backfills.ask({ ...request, to: '2025-01-02', force: true });
    await backfills.pause(forced.backfill.id, 'user:test');
    await runner.tick();
    assert.deepEqual((await backfills.get(forced.backfill.id)).counts, { waiting: 2 });
    await backfills.resume(forced.backfill.id, 'user:test');
    await drive(forced.backfill.id);
    assert.deepEqual((await backfills.get(forced.backfill.id)).counts, { succeeded: 2 });
    await assert.rejects(backfills.ask({ ...request, from: '2026-02-30' }), (error) => isFault(error, 'backfill_invalid'));
  });
});

test('what failed in a backfill runs again when it is resumed; canceling stops what is under way', async () => {
  await withRig(async (rig) => {
    const ports = { ...rig.ports, pipelines: rig.pipelines, calendar: triggerPorts(rig).calendar };
    await rig.define(pipeline([step('only', 'test -e ok', { params: ['partition'] })], { partition: '' }));
    const backfills = createBackfillService(ports);
    const runner = createBackfillRunner(ports);
    const worker = rig.worker();
    const both: Loop = { name: 'both', tick: async () => (await Promise.all([runner.tick(), worker.tick()])).some(Boolean) };
    const { backfill } = await backfills.ask({
      pipeline: 'p',
      from: '2025-01-01',
      to: '2025-03-31',
      unit: 'monthly' as const,
      timezone: 'UTC',
      params: {},
      concurrency: 3,
      order: 'newest',
      force: false,
      key: '',
      actor: 'user:test',
    });
    const state = async () => (await backfills.get(backfill.id)).backfill.state;
    await rig.until(async () => (await state()) === 'ended', both);
    assert.deepEqual((await backfills.get(backfill.id)).counts, { failed: 3 });
    rig.write('ok', '');
    await backfills.resume(backfill.id, 'user:test');
    await rig.until(async () => (await state()) === 'ended', both);
    assert.deepEqual((await backfills.get(backfill.id)).counts, { succeeded: 3 });
    const { items } = await backfills.partitions(backfill.id, { limit: 10 });
    assert.deepEqual(
      items.map(({ name }) => name),
      ['2025-03', '2025-02', '2025-01'],
    );
    const other = await backfills.ask({
      pipeline: 'p',
      from: '2026-01-01',
      to: '2026-03-31',
      unit: 'monthly' as const,
      timezone: 'UTC',
      params: {},
      concurrency: 2,
      order: 'oldest',
      force: false,
      key: '',
      actor: 'user:test',
    });
    await runner.tick();
    await backfills.cancel(other.backfill.id, 'user:test');
    assert.deepEqual((await backfills.get(other.backfill.id)).counts, { canceled: 2, waiting: 1 });
    assert.equal((await rig.pipelines.runs({ state: 'running' }, { limit: 9 })).items.length, 0);
  });
});
