/** More models than memory is given: they take turns in it. And requests that have waited long enough. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { toLogisticOnnx } from './onnx-file.ts';
import { arm, routeTo, startStand, toRequest } from './stand.ts';

const { cases } = JSON.parse(readFileSync(new URL('../oracles/boosters.json', import.meta.url), 'utf8')) as {
  cases: readonly { readonly name: string; readonly model: string; readonly columns: number }[];
};
const booster = cases.find(({ name }) => name === 'XGBoost binary ubj');
const file = Buffer.from(booster?.model ?? '', 'base64');

/** Bytes that two of the small ones take, by the size of their files; the booster is larger by itself. */
const BUDGET = toLogisticOnnx({ x: 1 }, 0).length * 3 * 2 + 100;

test('of eight models the memory holds two; all answer, each itself, and none while it is away', async () => {
  const names = Array.from({ length: 8 }, (_, at) => `model-${at}`);
  const stand = await startStand({
    // Each adds its number: an answer tells who gave it.
    packages: Object.fromEntries(
      names.map((_, at) => [
        at + 1,
        at === 7 ? { booster: { library: 'xgboost' as const, file } } : { onnx: toLogisticOnnx({ x: at + 1 }, 0) },
      ]),
    ),
    routes: names.map((name, at) => ({ ...routeTo(arm('stable', at + 1)), endpoint: name })),
    limits: { modelBytes: BUDGET },
  });
  try {
    await stand.ready();
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const ask = async (at: number): Promise<void> => {
      const response = await stand.infer(toRequest({ x: [0.5] }), {}, `/v2/models/model-${at}/infer`);
      const { outputs } = (await response.json()) as { outputs: readonly { data: readonly number[] }[] };
      assert.ok(Math.abs((outputs[1]?.data[0] ?? NaN) - sigmoid((at + 1) * 0.5)) < 1e-6, `model ${at}`);
    };
    assert.ok(stand.plane.memory().models <= 2);
    for (let round = 0; round < 3; round++) for (const at of [0, 1, 2, 3, 4, 5, 6]) await ask(at);
    // Many at once, in any order, some asked for while they leave.
    await Promise.all(Array.from({ length: 200 }, (_, at) => ask((at * 5) % 7)));
    const held = stand.plane.memory();
    assert.ok(held.bytes <= BUDGET && held.models <= 2, JSON.stringify(held));
    assert.ok(stand.plane.ready());
    assert.ok(stand.plane.index().every(({ state }) => state === 'READY'));
  } finally {
    await stand.close();
  }
  assert.deepEqual(stand.plane.memory(), { models: 0, bytes: 0 });
});
