import assert from 'node:assert/strict';
import test from 'node:test';
import { openPostgres } from '@pawl/drivers';
import { freshDatabase } from '../support/postgres.ts';
import { file, fromStep, manual, openRig, pipeline, step, withRig } from './rig.ts';

test('two runs that need the same result at once compute it once', async () => {
  await withRig(async (rig) => {
    const slow = step('slow', 'echo slow >> ran.txt; sleep 0.3; echo x > "$PAWL_OUTPUT_X"', { outputs: { x: file('x.txt') } });
    await rig.define(pipeline([slow]));
    const one = await rig.pipelines.start({ pipeline: 'p', cause: manual('one') });
    const two = await rig.pipelines.start({ pipeline: 'p', cause: manual('two') });
    const worker = rig.worker({ slots: 2 });
    assert.equal((await rig.drive(one.run.id, worker)).state, 'succeeded');
    assert.equal((await rig.drive(two.run.id, worker)).state, 'succeeded');
    assert.equal(rig.read('ran.txt'), 'slow\n');
    const states = [await rig.states(one.run.id), await rig.states(two.run.id)].map((each) => each['slow']);
    assert.deepEqual(new Set(states), new Set(['cached', 'succeeded']));
  });
});

test('on PostgreSQL: tasks that end at the same moment on several workers end the run once, and each runs once', async () => {
  const fresh = await freshDatabase();
  const rig = await openRig(undefined, await openPostgres({ url: fresh.url }));
  const others = await Promise.all(['w2', 'w3'].map(async () => openRig(rig.home, await openPostgres({ url: fresh.url }))));
  try {
    const wide = Array.from({ length: 12 }, (_, index) => `s${index}`);
    const steps = [
      ...wide.map((name) =>
        step(name, `echo ${name} >> ran.txt; echo ${name} > "$PAWL_OUTPUT_X"`, { outputs: { x: file('x.txt') }, cache: false }),
      ),
      step('join', 'cat "$PAWL_INPUT_S0" "$PAWL_INPUT_S11" >> ran.txt', {
        inputs: { s0: fromStep('s0', 'x'), s11: fromStep('s11', 'x') },
        after: wide,
        cache: false,
      }),
      ...wide.map((name) => step(`end-${name}`, `echo end-${name} >> ran.txt`, { after: ['join'], cache: false })),
    ];
    await rig.define(pipeline(steps));
    const workers = [rig, ...others].map((one, index) => one.worker({ worker: `w${index + 1}`, slots: 4 }));
    for (const round of ['first', 'second', 'third']) {
      rig.write('ran.txt', '');
      const starts = await Promise.all([rig, ...others].map((one) => one.pipelines.start({ pipeline: 'p', cause: manual(round) })));
      const id = starts[0]?.run.id ?? '';
      assert.equal(new Set(starts.map(({ run }) => run.id)).size, 1);
      const together = { name: 'all workers', tick: async () => (await Promise.all(workers.map((worker) => worker.tick()))).some(Boolean) };
      assert.equal((await rig.drive(id, together)).state, 'succeeded');
      const ran = rig.read('ran.txt').trim().split('\n');
      assert.deepEqual(ran.toSorted(), [...wide, 's0', 's11', ...wide.map((name) => `end-${name}`)].toSorted());
      const ended = (await rig.database.read.events.list({ subject: `pipeline-run/${id}`, types: ['pipeline.run_ended'] }, { limit: 10 }))
        .items;
      assert.equal(ended.length, 1);
    }
    await Promise.all(workers.map((worker) => worker.idle()));
  } finally {
    for (const one of [...others, rig]) await one.close();
    await fresh.drop();
  }
});
