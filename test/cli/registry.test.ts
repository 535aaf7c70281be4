/** The registry's commands that move files, or take away for good. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { toLogisticOnnx } from '../serving/onnx-file.ts';
import { pawl, startServer } from './pawl.ts';
import type { Server } from './pawl.ts';

let server: Server;
const inFolder = (...parts: readonly string[]): string => join(server.folder, ...parts);

function writeModel(name: string, weight: number): string {
  const folder = inFolder(name);
  mkdirSync(folder, { recursive: true });
  const signature = { inputs: JSON.stringify([{ name: 'x', type: weight > 2 ? 'float' : 'double' }]) };
  writeFileSync(join(folder, 'MLmodel'), JSON.stringify({ flavors: { onnx: { data: 'model.onnx' } }, signature }));
  writeFileSync(join(folder, 'model.onnx'), toLogisticOnnx({ x: weight }, 0));
  return folder;
}

before(async () => {
  server = await startServer();
  for (const weight of [2, 3]) await server.run('model', 'register', 'filter', writeModel(`v${weight}`, weight));
  await server.run('model', 'alias', 'filter', 'champion', '2');
});
after(() => server.stop());

test('a model is downloaded whole, by number, alias or stage, over the disk and over HTTP', async () => {
  for (const [which, via, of] of [
    ['1', 'disk', 'v2'],
    ['champion', 'http', 'v3'],
    ['none', 'http', 'v3'],
  ] as const) {
    const told = await server.json('model', 'download', `filter:${which}`, `out-${via}-${which}`, '--via', via);
    assert.equal(told.files, 2);
    for (const name of ['MLmodel', 'model.onnx'])
      assert.deepEqual(readFileSync(inFolder(`out-${via}-${which}`, name)), readFileSync(inFolder(of, name)));
  }
});

test('what is there is not overwritten without --force, and with it only a model', async () => {
  await server.run('model', 'download', 'filter:1', 'there');
  writeFileSync(inFolder('there', 'old.txt'), 'of the old one');
  assert.match(await server.refuse(1, 'model', 'download', 'filter:2', 'there'), /not empty.*--force/);
  assert.deepEqual(readFileSync(inFolder('there', 'model.onnx')), readFileSync(inFolder('v2', 'model.onnx')));
  assert.match(await server.run('model', 'download', 'filter:2', 'there', '--force'), /^filter:2 is in there: 2 files/);
  assert.deepEqual(readdirSync(inFolder('there')).toSorted(), ['MLmodel', 'model.onnx']);
  assert.deepEqual(readFileSync(inFolder('there', 'model.onnx')), readFileSync(inFolder('v3', 'model.onnx')));
  mkdirSync(inFolder('mine'));
  writeFileSync(inFolder('mine', 'letter.txt'), 'dear');
  assert.match(await server.refuse(1, 'model', 'download', 'filter:2', 'mine', '--force'), /no MLmodel/);
  assert.equal(readFileSync(inFolder('mine', 'letter.txt'), 'utf8'), 'dear');
  assert.deepEqual(
    readdirSync(server.folder).filter((name) => /\.(part|old)$/.test(name)),
    [],
  );
  assert.match(await server.refuse(2, 'model', 'download', 'filter', 'x'), /names no version/);
  assert.match(await server.refuse(1, 'model', 'download', 'filter:9', 'x'), /no version or alias 9/);
});

test('a comparison shows what differs', async () => {
  const text = await server.run('model', 'compare', 'filter', '1', 'champion');
  assert.match(text, /^VERSION +filter:1 +filter:2$/m);
  assert.match(text, /^aliases +– +champion$/m);
  assert.match(text, /^input x +double +float$/m);
  assert.match(text, /filter:1 has no run here/);
});

test('a collection names its server, and is refused where nobody can be asked', async () => {
  const said = await server.refuse(2, 'gc', '--older-than', '0s');
  assert.ok(said.includes(server.url) && said.includes('--yes'), said);
  assert.deepEqual((await server.json('gc', 'list')).items, []);
  assert.equal((await server.json('gc', '--dry-run')).state, 'done');
  assert.equal((await server.json('gc', '--yes')).state, 'done');
  const help = await pawl(['help', 'gc']);
  assert.match(help.stdout, /--yes/);
});
