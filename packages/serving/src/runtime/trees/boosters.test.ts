/** Models that LightGBM and XGBoost saved, against what the libraries answer: `test/oracles/boosters.py` trained them and asked. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Booster } from './booster.ts';
import { createTreeSums } from './compile.ts';
import { readLightgbm } from './lightgbm.ts';
import { readXgboost } from './xgboost.ts';

interface Case {
  readonly name: string;
  readonly library: 'lightgbm' | 'xgboost';
  /** The file in base64. */
  readonly model: string;
  readonly columns: number;
  readonly rows: readonly (number | 'nan')[];
  readonly answers: readonly number[];
  readonly width: number;
  readonly best?: boolean;
}

const { cases } = JSON.parse(readFileSync(new URL('../../../../../test/oracles/boosters.json', import.meta.url), 'utf8')) as {
  cases: readonly Case[];
};

const fileOf = ({ model }: Case): Buffer => Buffer.from(model, 'base64');

function read(one: Case): Booster {
  return one.library === 'lightgbm'
    ? readLightgbm(fileOf(one).toString('utf8'))
    : readXgboost(fileOf(one), { bestOnly: one.best === true });
}

test(`${cases.length} saved models answer as their library does`, async () => {
  for (const one of cases) {
    const { ensemble, finish } = read(one);
    const numbers = one.rows.map((value) => (value === 'nan' ? NaN : value));
    const data = ensemble.comparison === 'FP32' ? Float32Array.from(numbers) : Float64Array.from(numbers);
    const rows = data.length / one.columns;
    const sums = createTreeSums(ensemble);
    for (const compiled of [false, true]) {
      if (compiled) await sums.compile();
      const answers = sums.sum(data, rows, one.columns);
      for (let row = 0; row < rows; row++) finish(answers, row * ensemble.targets);
      assert.equal(ensemble.targets, one.width, one.name);
      one.answers.forEach((expected, at) => {
        const found = answers[at] as number;
        // LightGBM computes in doubles, XGBoost in floats.
        const tolerance = (one.library === 'lightgbm' ? 1e-12 : 2e-6) * Math.max(1, Math.abs(expected));
        assert.ok(Math.abs(found - expected) <= tolerance, `${one.name}, ${sums.engine()}: answer ${at} is ${found}, not ${expected}`);
      });
    }
  }
});
