/** Models that scikit-learn, XGBoost and LightGBM trained just now, asked over HTTP about a thousand rows each: the answers must be the library's own. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ensurePython } from '../../scripts/python.ts';
import type { Stand } from '../serving/stand.ts';
import { arm, routeTo, startStand } from '../serving/stand.ts';

interface Golden {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string | null)[])[];
  readonly labels: readonly (number | string)[] | null;
  readonly probabilities: readonly (number | readonly number[])[] | null;
  readonly values: readonly (number | readonly number[])[] | null;
  /** Of the first rows: by target, of each column, then of what is expected. */
  readonly contributions: readonly (readonly (readonly number[])[])[] | null;
}

/** Converters put double thresholds and weights into single precision: what is allowed of a probability, and of a value by its size. */
const NEAR = 2e-5;
/** Rows of a thousand whose answer may flip, since a threshold lies between a value's two precisions. */
const FLIPS = 2;

const folder = mkdtempSync(join(tmpdir(), 'pawl-models-'));
let names: readonly string[] = [];
let stand: Stand;

before(async () => {
  const python = await ensurePython('models');
  await promisify(execFile)(python, [join(import.meta.dirname, 'train.py'), folder], { maxBuffer: 1 << 24 });
  names = readdirSync(folder).filter((name) => !name.includes('.'));
  stand = await startStand({
    folders: Object.fromEntries(names.map((name, at) => [at + 1, join(folder, name)])),
    routes: names.map((name, at) => ({ ...routeTo(arm('stable', at + 1)), endpoint: name })),
  });
  await stand.ready();
});
after(async () => {
  await stand.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(path: string, body: unknown): Promise<readonly unknown[]> {
  const response = await stand.infer(body, {}, path);
  const text = await response.text();
  assert.equal(response.status, 200, text.slice(0, 500));
  return (JSON.parse(text) as { predictions: readonly unknown[] }).predictions;
}

const toNumbers = (value: unknown): readonly number[] => [value].flat(3).map((one) => (one === null ? NaN : Number(one)));

/** Rows in which two answers differ by more than `NEAR`, of 1 or of the larger of both. */
function countFar(found: readonly unknown[], expected: readonly unknown[]): number {
  let far = 0;
  expected.forEach((one, row) => {
    const [a, b] = [toNumbers(found[row]), toNumbers(one)];
    if (
      a.length !== b.length ||
      a.some((value, at) => !(Math.abs(value - (b[at] as number)) <= NEAR * Math.max(1, Math.abs(b[at] as number))))
    )
      far += 1;
  });
  return far;
}

test('fifty models answer a thousand rows each as the library that trained them', async (t) => {
  const engines = new Map<string, number>();
  for (const name of names) {
    await t.test(name, async () => {
      const golden = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Golden;
      const instances = golden.rows.map((row) => Object.fromEntries(golden.columns.map((column, at) => [column, row[at]])));
      const rows = (await ask(`/v1/models/${name}:predict`, { instances })).map((row) =>
        typeof row === 'object' && !Array.isArray(row) ? (row as Readonly<Record<string, unknown>>) : { only: row },
      );
      const output = (...candidates: readonly string[]): readonly unknown[] => {
        const key = candidates.find((candidate) => Object.hasOwn(rows[0] ?? {}, candidate));
        assert.ok(key !== undefined, `none of ${candidates.join(', ')} in ${Object.keys(rows[0] ?? {}).join(', ')}`);
        return rows.map((row) => row[key]);
      };
      if (golden.labels !== null) {
        const labels = output('label', 'output_label');
        const flips = golden.labels.filter((label, row) => String(label) !== String(labels[row])).length;
        assert.ok(flips <= FLIPS, `${flips} labels of ${rows.length} differ`);
      }
      if (golden.probabilities !== null) {
        const pairs = Array.isArray(golden.probabilities[0]);
        const found = output('probabilities', 'output_probability', 'probability');
        // A booster of two classes tells the second one's.
        const whole = pairs && !Array.isArray(found[0]) ? found.map((p) => [1 - Number(p), Number(p)]) : found;
        const far = countFar(whole, golden.probabilities);
        assert.ok(far <= FLIPS, `${far} probabilities of ${rows.length} differ`);
      }
      if (golden.values !== null) {
        const far = countFar(output('variable', 'value', 'only'), golden.values);
        assert.ok(far <= FLIPS, `${far} values of ${rows.length} differ`);
      }
      const { engine } = stand.plane.describe(name);
      engines.set(engine.replace(/ .*/, ''), (engines.get(engine.replace(/ .*/, '')) ?? 0) + 1);
    });
  }
  assert.ok(names.length >= 50, `${names.length} models`);
  assert.ok((engines.get('pawl') ?? 0) >= 44, `on the own evaluator: ${JSON.stringify([...engines])}`);
});

test("MLflow's calls give what MLflow's predict gives: labels of scikit-learn's classes, scores of boosters, outputs of graphs", async () => {
  const golden = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Golden;
  for (const name of ['xgboost_binary', 'xgboost_many', 'xgboost_numbers', 'xgboost_raw_binary', 'lightgbm_many', 'lightgbm_numbers']) {
    const { columns, rows, labels, probabilities, values } = golden(name);
    const found = await ask(`/endpoints/${name}/invocations`, { dataframe_split: { columns, data: rows } });
    const expected = labels ?? probabilities ?? values ?? [];
    assert.equal(countFar(found, expected), 0, name);
  }
  const people = golden('people_logistic');
  const [first] = await ask('/endpoints/people_logistic/invocations', {
    dataframe_records: [Object.fromEntries(people.columns.map((name, at) => [name, people.rows[0]?.[at]]))],
  });
  assert.deepEqual(Object.keys(first as object), ['label', 'probabilities']);
});

interface Explained {
  readonly base: number;
  readonly contributions: Readonly<Record<string, number>>;
}

test('boosters explain rows by the very Shapley values that their libraries give; what cannot be explained says so', async () => {
  for (const name of names.filter((one) => /^lightgbm_|^xgboost_raw_/.test(one))) {
    const { columns, rows, contributions } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Golden;
    assert.ok(contributions !== null);
    const few = rows.slice(0, contributions.length);
    const response = await stand.infer(
      { instances: few.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]]))) },
      {},
      `/v1/models/${name}:explain`,
    );
    const { explanations } = (await response.json()) as { explanations: readonly (Explained | Readonly<Record<string, Explained>>)[] };
    assert.equal(explanations.length, few.length);
    explanations.forEach((explanation, row) => {
      const targets =
        'base' in explanation ? [explanation as Explained] : Object.values(explanation as Readonly<Record<string, Explained>>);
      const found = targets.map((one) => [...columns.map((column) => one.contributions[column]), one.base]);
      assert.equal(
        countFar([found], [contributions[row]]),
        0,
        `${name}, row ${row}: ${JSON.stringify(found)} for ${JSON.stringify(contributions[row])}`,
      );
    });
  }
  const refused = await stand.infer({ instances: [[1, 2, 3, 4, 5, 6, 7, 8]] }, {}, '/v1/models/ridge:explain');
  assert.equal(refused.status, 501);
  assert.match(await refused.text(), /not supported/);
});

interface Case {
  readonly name: string;
  readonly theirs: readonly [number, string];
  readonly ours: readonly [number, string];
  readonly type: string;
}

test("MLflow's own client and the forms that its callers send are answered as MLflow's scoring server answers them", async () => {
  const one = await startStand({ folders: { 1: join(folder, 'xgboost_binary') }, routes: [routeTo(arm('stable', 1))] });
  try {
    await one.ready();
    const python = await ensurePython('models');
    const script = join(import.meta.dirname, 'forms.py');
    const rows = join(folder, 'xgboost_binary.json');
    const { stdout } = await promisify(execFile)(python, [script, one.url, join(folder, 'xgboost_binary'), rows], { maxBuffer: 1 << 24 });
    const cases = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Case);
    assert.ok(cases.length > 20);
    for (const { name, theirs, ours, type } of cases) {
      assert.equal(ours[0], theirs[0], `${name}: ${ours[1].slice(0, 300)} where MLflow says ${theirs[1].slice(0, 300)}`);
      if (ours[0] === 200) assert.deepEqual(JSON.parse(ours[1]), JSON.parse(theirs[1]), name);
      else if (ours[0] === 415) assert.match(type, /^text\/plain/, name);
      else {
        const { error_code, message, ...more } = JSON.parse(ours[1]) as { error_code: string; message: string };
        assert.match(error_code, /^(?:BAD_REQUEST|INVALID_PARAMETER_VALUE)$/, name);
        assert.ok(message.length > 10 && !message.includes('\n'), name);
        assert.deepEqual(more, {}, name);
      }
    }
  } finally {
    await one.close();
  }
});
