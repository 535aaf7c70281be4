import assert from 'node:assert/strict';
import test from 'node:test';
import { isFault } from '@pawl/core';
import { file, fromDataset, manual, pipeline, step, withRig } from './rig.ts';

const spec = pipeline(
  [
    step('read', 'cat "$PAWL_INPUT_MAIL" > "$PAWL_OUTPUT_COPY"', {
      inputs: { mail: fromDataset('mail') },
      outputs: { copy: file('copy.txt') },
      params: ['depth'],
    }),
  ],
  { depth: '3' },
);

test('a start is one run for each cause key, also when asked at the same time', async () => {
  await withRig(async (rig) => {
    await rig.add('mail', { 'a.txt': 'a\n' });
    await rig.define(spec);
    const starts = await Promise.all(Array.from({ length: 8 }, () => rig.pipelines.start({ pipeline: 'p', cause: manual('same') })));
    assert.equal(new Set(starts.map(({ run }) => run.id)).size, 1);
    assert.equal(starts.filter(({ created }) => created).length, 1);
    assert.equal((await rig.pipelines.runs({}, { limit: 10 })).items.length, 1);
    assert.equal((await rig.runs.list(undefined, { limit: 10 })).items.length, 1);
  });
});

test('a run keeps the definition and the data it started with', async () => {
  await withRig(async (rig) => {
    await rig.add('mail', { 'a.txt': 'old\n' });
    assert.equal((await rig.define(spec)).changed, true);
    assert.equal((await rig.define(spec)).changed, false);
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('one'), params: { depth: '5' } });
    await rig.add('mail', { 'a.txt': 'new\n' });
    await rig.define(pipeline([step('other', 'false')]));
    assert.equal((await rig.drive(run.id, rig.worker())).state, 'succeeded');
    assert.deepEqual([run.datasets, run.params], [{ mail: 1 }, { depth: '5' }]);
    const copy = (await rig.runs.artifacts(run.id)).find((artifact) => artifact.path === 'read/copy/copy.txt');
    assert.equal(new TextDecoder().decode(await rig.ports.blobs.read(copy?.digest ?? 'sha256:')), 'old\n');
  });
});

test('what cannot be started is refused, and leaves nothing', async () => {
  await withRig(async (rig) => {
    const asked = (input: object) => rig.pipelines.start({ pipeline: 'p', cause: manual('x'), ...input });
    await assert.rejects(asked({}), (error) => isFault(error, 'pipeline_not_found'));
    await rig.define(spec);
    await assert.rejects(asked({}), (error) => isFault(error, 'dataset_not_found'));
    await rig.add('mail', { 'a.txt': 'a\n' });
    await assert.rejects(
      asked({ params: { deep: '1' } }),
      (error) => isFault(error, 'parameter_unknown') && /"deep"; it has depth/.test(error.message),
    );
    await assert.rejects(
      asked({ datasets: { letters: 1 } }),
      (error) => isFault(error, 'pin_unknown') && /it reads mail/.test(error.message),
    );
    await assert.rejects(asked({ datasets: { mail: 9 } }), (error) => isFault(error, 'dataset_version_not_found'));
    await assert.rejects(rig.define(pipeline([step('a', 'true', { after: ['b'] })])), (error) => isFault(error, 'pipeline_invalid'));
    await assert.rejects(rig.pipelines.run('none'), (error) => isFault(error, 'pipeline_run_not_found'));
    assert.equal((await rig.pipelines.runs({}, { limit: 10 })).items.length, 0);
    assert.equal((await rig.runs.list(undefined, { limit: 10 })).items.length, 0);
  });
});
