import type {
  CheckEnvironment,
  CheckResult,
  CheckStore,
  CheckSuite,
  CheckVerdict,
  Digest,
  Expectation,
  ExpectationResult,
} from '@pawl/core';
import type { Generated, Selectable } from 'kysely';
import { fromJson, toJson, touched } from './context.ts';
import type { Sql } from './context.ts';

interface CheckSuiteTable {
  readonly name: string;
  readonly dataset: string;
  readonly expectations: string;
  readonly environments: string | null;
  readonly automatic: Generated<number>;
}

interface CheckResultTable {
  readonly seq: Generated<number>;
  readonly id: string;
  readonly dataset: string;
  readonly version: number;
  readonly suite: string;
  readonly suite_digest: Digest;
  readonly verdict: CheckVerdict;
  readonly results: string;
  readonly environment: string | null;
  readonly at: number;
}

export interface CheckTables {
  readonly check_suite: CheckSuiteTable;
  readonly check_result: CheckResultTable;
}

export function createCheckStore({ db }: Sql): CheckStore {
  return {
    async suite(name) {
      const row = await db.selectFrom('check_suite').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toSuite(row);
    },

    async suites() {
      return (await db.selectFrom('check_suite').selectAll().orderBy('name').execute()).map(toSuite);
    },

    async result(suite, ref) {
      const row = await db
        .selectFrom('check_result')
        .selectAll()
        .where('dataset', '=', ref.dataset)
        .where('version', '=', ref.version)
        .where('suite_digest', '=', suite)
        .executeTakeFirst();
      return row && toResult(row);
    },

    async results(ref) {
      const rows = await db
        .selectFrom('check_result')
        .selectAll()
        .where('dataset', '=', ref.dataset)
        .where('version', '=', ref.version)
        .orderBy('at')
        .orderBy('seq')
        .execute();
      return rows.map(toResult);
    },

    async putSuite({ name, dataset, expectations, environments, automatic = false }) {
      const declared = {
        dataset,
        expectations: toJson(expectations),
        environments: environments === undefined ? null : toJson(environments),
        automatic: Number(automatic),
      };
      await db
        .insertInto('check_suite')
        .values({ name, ...declared })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(declared))
        .execute();
    },

    async insertResult({ suiteDigest, results, ...result }) {
      const inserted = await db
        .insertInto('check_result')
        .values({ ...result, suite_digest: suiteDigest, results: toJson(results) })
        .onConflict((conflict) => conflict.columns(['dataset', 'version', 'suite_digest']).doNothing())
        .execute();
      return touched(inserted);
    },

    async deleteResult(suite, ref) {
      await db
        .deleteFrom('check_result')
        .where('dataset', '=', ref.dataset)
        .where('version', '=', ref.version)
        .where('suite_digest', '=', suite)
        .execute();
    },
  };
}

function toSuite({ name, dataset, expectations, environments, automatic }: Selectable<CheckSuiteTable>): CheckSuite {
  return {
    name,
    dataset,
    expectations: fromJson<readonly Expectation[]>(expectations),
    ...(environments === null ? {} : { environments: fromJson<Readonly<Record<string, CheckEnvironment>>>(environments) }),
    ...(automatic === 1 ? { automatic: true } : {}),
  };
}

/** Results of before row numbers were kept have none. */
function toResult({ seq: _seq, suite_digest, results, ...row }: Selectable<CheckResultTable>): CheckResult {
  const kept = fromJson<readonly (Omit<ExpectationResult, 'rows' | 'missingCount'> & Partial<ExpectationResult>)[]>(results);
  return { ...row, suiteDigest: suite_digest, results: kept.map((one) => ({ rows: [], missingCount: null, ...one })) };
}
