import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fromGreatExpectations, vocabulary } from '@pawl/core';
import type { ExpectationResult, JsonObject, JsonValue, TableSource, Tables } from '@pawl/core';
import { createTables } from '@pawl/drivers';

interface Golden {
  readonly table: string;
  readonly type: string;
  readonly kwargs: JsonObject;
  readonly expect: {
    readonly success: boolean;
    readonly raised: boolean;
    readonly element_count?: number;
    readonly missing_count?: number;
    readonly unexpected_count?: number;
    readonly unexpected_list?: readonly JsonValue[];
    readonly unexpected_index_list?: readonly number[];
    readonly observed_value?: JsonValue;
  };
}

const golden = JSON.parse(readFileSync(new URL('../oracles/checks.json', import.meta.url), 'utf8')) as {
  readonly tables: Readonly<Record<string, readonly JsonObject[]>>;
  readonly cases: readonly Golden[];
};

describe("Great Expectations' own verdicts", () => {
  let tables: Tables;
  let folder: string;
  const sources = new Map<string, TableSource>();
  before(async () => {
    tables = createTables({ threads: 2 });
    folder = await mkdtemp(join(tmpdir(), 'pawl-golden-'));
    for (const [name, rows] of Object.entries(golden.tables)) {
      const path = join(folder, `${name}.json`);
      await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      sources.set(name, { format: 'json', paths: [path], label: name });
    }
  });
  after(async () => {
    await tables.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('a suite as its file context stores it', async () => {
    const stored = JSON.parse(readFileSync(new URL('../oracles/suite.json', import.meta.url), 'utf8')) as JsonValue;
    const suite = fromGreatExpectations(stored, 'suite.json', { oldest: 103 });
    assert.deepEqual([suite.name, suite.expectations[1]?.severity], ['people-v1', 'warning']);
    const results = await tables.check(sources.get('people') as TableSource, suite);
    assert.deepEqual(
      results.map((one) => `${one.outcome} ${one.unexpectedCount} of ${one.elementCount - (one.missingCount ?? 0)}`),
      [
        'passed 0 of 10',
        'passed 1 of 9',
        'passed 0 of 10',
        'failed 2 of 7',
        'passed 0 of 4',
        'passed 4 of 9',
        'passed 0 of 10',
        'passed 0 of 10',
      ],
    );
  });

  for (const type of new Set(golden.cases.map((one) => one.type))) {
    test(type, async () => {
      const cases = golden.cases.filter((one) => one.type === type);
      assert.ok(vocabulary.some((one) => one.type === type));
      for (const one of cases) {
        const [result] = await tables.check(sources.get(one.table) as TableSource, {
          expectations: [{ type, kwargs: one.kwargs, severity: 'critical' }],
        });
        compare(result as ExpectationResult, one);
      }
    });
  }
});

/** Asked together, columns with few values are judged by a tally of them. */
test('all expectations of a table at once are judged as each alone', async () => {
  const tables = createTables({ threads: 2 });
  const folder = await mkdtemp(join(tmpdir(), 'pawl-golden-'));
  try {
    for (const [name, rows] of Object.entries(golden.tables)) {
      const cases = golden.cases.filter((one) => one.table === name);
      const path = join(folder, `${name}.json`);
      await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const results = await tables.check(
        { format: 'json', paths: [path], label: name },
        { expectations: cases.map(({ type, kwargs }) => ({ type, kwargs, severity: 'critical' })) },
      );
      cases.forEach((one, at) => compare(results[at] as ExpectationResult, one));
    }
  } finally {
    await tables.close();
    await rm(folder, { recursive: true, force: true });
  }
});

function compare(result: ExpectationResult, { expect, kwargs, table, type }: Golden): void {
  const context = `${table} ${JSON.stringify(kwargs)}: ${JSON.stringify(result)} instead of ${JSON.stringify(expect)}`;
  if (expect.raised) return assert.equal(result.outcome, 'error', context);
  assert.equal(result.outcome, expect.success ? 'passed' : 'failed', context);
  if (expect.element_count !== undefined && expect.unexpected_count !== undefined) {
    assert.equal(result.elementCount, expect.element_count, context);
    assert.equal(result.unexpectedCount, expect.unexpected_count, context);
    if (expect.missing_count !== undefined) assert.equal(result.missingCount, expect.missing_count, context);
    const rows = (expect.unexpected_index_list ?? []).map((index) => index + 1);
    if (result.rows.length > 0 || rows.length === 0) assert.deepEqual(result.rows, rows, context);
    else assert.fail(context);
    const shown = (expect.unexpected_list ?? []).map((value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value) : value,
    );
    assert.deepEqual(result.samples, shown, context);
  } else if (expect.observed_value !== undefined && expect.observed_value !== null && !/_type/.test(type))
    near(observedOf(result), expect.observed_value, context);
}

/** What Great Expectations would call the observed value. */
function observedOf({ observed, expectation }: ExpectationResult): JsonValue {
  if (typeof observed === 'object' && observed !== null && !Array.isArray(observed) && 'quantiles' in observed)
    return { quantiles: observed['quantiles'] as JsonValue, values: observed['values'] as JsonValue };
  return expectation.type === 'expect_table_columns_to_match_set' ? (observed as readonly string[]).toSorted() : observed;
}

function near(found: JsonValue, wanted: JsonValue, context: string): void {
  if (typeof wanted === 'number') {
    assert.equal(typeof found, 'number', context);
    return assert.ok(Math.abs((found as number) - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)), context);
  }
  if (Array.isArray(wanted)) {
    assert.ok(Array.isArray(found) && found.length === wanted.length, context);
    return wanted.forEach((item, index) => near((found as readonly JsonValue[])[index] as JsonValue, item as JsonValue, context));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    return Object.entries(wanted).forEach(([key, item]) => near((found as JsonObject)[key] as JsonValue, item as JsonValue, context));
  }
  assert.equal(found, wanted, context);
}
