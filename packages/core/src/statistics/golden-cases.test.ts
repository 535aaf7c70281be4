/** Test code: reads the golden numbers that `test/oracles/statistics.py` computed with SciPy, statsmodels, scikit-learn and mpmath. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

type Golden = number | string | boolean | null | readonly Golden[] | { readonly [key: string]: Golden };

interface GoldenCase {
  readonly id: string;
  readonly fn: string;
  readonly args: readonly never[];
  readonly expect: Golden;
  readonly oracle: string;
  readonly tol: { readonly rel?: number; readonly abs?: number };
}

interface GoldenFile {
  readonly versions: Readonly<Record<string, string>>;
  readonly cases: readonly GoldenCase[];
}

const file = JSON.parse(readFileSync(new URL('../../../../test/oracles/statistics.json', import.meta.url), 'utf8')) as GoldenFile;

function compare(actual: unknown, expected: Golden, tol: GoldenCase['tol'], at: string): void {
  if (typeof expected === 'number') {
    assert.equal(typeof actual, 'number', `${at}: expected a number, got ${String(actual)}`);
    const error = Math.abs((actual as number) - expected);
    const allowed = Math.max((tol.rel ?? 0) * Math.abs(expected), tol.abs ?? 0);
    assert.ok(error <= allowed, `${at}: ${String(actual)} instead of ${expected}, off by ${error}, allowed ${allowed}`);
  } else if (expected === 'Infinity' || expected === '-Infinity') {
    assert.equal(actual, Number(expected), at);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${at}: expected a list`);
    assert.equal(actual.length, expected.length, `${at}: length`);
    expected.forEach((item, index) => compare(actual[index], item as Golden, tol, `${at}[${index}]`));
  } else if (expected !== null && typeof expected === 'object') {
    for (const [key, item] of Object.entries(expected)) {
      compare((actual as Record<string, unknown>)[key], item, tol, `${at}.${key}`);
    }
  } else {
    assert.equal(actual, expected, at);
  }
}

/** Registers one test that runs every golden case of `fn`. Keys that the oracle does not name are not compared. */
export function goldenTest<Arguments extends readonly unknown[]>(fn: string, run: (...args: Arguments) => unknown): void {
  test(`golden numbers: ${fn}`, () => {
    const cases = file.cases.filter((item) => item.fn === fn);
    assert.ok(cases.length > 0, `there is no golden case for ${fn}`);
    for (const item of cases) {
      compare(run(...(item.args as unknown as Arguments)), item.expect, item.tol, `${item.id} (${item.oracle})`);
    }
  });
}

test('the golden file is whole: enough cases, one id each, versions written down', () => {
  assert.ok(file.cases.length >= 150, `only ${file.cases.length} cases`);
  assert.equal(new Set(file.cases.map((item) => item.id)).size, file.cases.length);
  for (const name of ['python', 'scipy', 'mpmath', 'statsmodels']) assert.ok(file.versions[name], name);
});
