/** Boosters that were saved by their own library, behind an endpoint. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Stand } from './stand.ts';
import { arm, routeTo, startStand } from './stand.ts';

interface Case {
  readonly name: string;
  readonly library: 'lightgbm' | 'xgboost';
  readonly model: string;
  readonly columns: number;
  readonly rows: readonly (number | 'nan')[];
  readonly answers: readonly number[];
}

const { cases } = JSON.parse(readFileSync(new URL('../oracles/boosters.json', import.meta.url), 'utf8')) as { cases: readonly Case[] };
const find = (name: string): Case => cases.find((one) => one.name === name) as Case;
const [lightgbm, xgboost] = [find('LightGBM binary'), find('XGBoost binary ubj')];
const fileOf = (one: Case): { library: Case['library']; file: Uint8Array } => ({
  library: one.library,
  file: Buffer.from(one.model, 'base64'),
});

let stand: Stand;
before(async () => {
  stand = await startStand({
    packages: {
      1: { booster: fileOf(lightgbm) },
      2: { booster: fileOf(xgboost) },
      3: { booster: { library: 'xgboost', file: Buffer.from(xgboost.model, 'base64').subarray(0, 900) } },
    },
    routes: [
      { ...routeTo(arm('stable', 1)), endpoint: 'light' },
      { ...routeTo(arm('stable', 2)), endpoint: 'extreme' },
      { ...routeTo(arm('stable', 3)), endpoint: 'cut-off' },
    ],
  });
});
after(() => stand.close());

async function untilReady(endpoint: string): Promise<void> {
  while ((await fetch(`${stand.url}/v2/models/${endpoint}/ready`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
}

for (const [endpoint, golden] of [
  ['light', lightgbm],
  ['extreme', xgboost],
] as const) {
  test(`${golden.name} answers as its library does, with values missing`, async () => {
    await untilReady(endpoint);
    const rows = golden.rows.length / golden.columns;
    const data = golden.rows.map((value) => (value === 'nan' ? null : value));
    const input = { name: 'input', datatype: endpoint === 'light' ? 'FP64' : 'FP32', shape: [rows, golden.columns], data };
    const response = await stand.infer({ inputs: [input] }, {}, `/v2/models/${endpoint}/infer`);
    const { outputs } = (await response.json()) as { outputs: readonly { name: string; data: readonly number[] }[] };
    assert.deepEqual(
      outputs.map(({ name }) => name),
      ['label', 'probability'],
    );
    golden.answers.forEach((expected, row) => {
      assert.ok(Math.abs((outputs[1]?.data[row] as number) - expected) < 2e-6, `row ${row}`);
      assert.equal(outputs[0]?.data[row], expected > 0.5 ? 1 : 0, `row ${row}`);
    });
  });
}

test('a file that was cut off is refused in one line, and harms no other endpoint', async () => {
  let text = '';
  while (!text.includes('could not be loaded')) {
    text = await (await fetch(`${stand.url}/v2/models/cut-off/ready`)).text();
    if (!text.includes('could not be loaded')) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.match(text, /model\.bin.*neither JSON nor UBJSON/);
  assert.equal((await fetch(`${stand.url}/v2/models/light/ready`)).status, 200);
});
