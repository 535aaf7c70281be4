import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { QueryResult } from 'kysely';
import { toParameter } from '../sql/parameters.ts';

/** Statements kept prepared; batches of odd sizes push each other out, the hot ones stay. */
const KEPT = 256;

interface Prepared {
  readonly statement: StatementSync;
  /** Whether it gives rows: a SELECT, or anything with RETURNING. */
  readonly reads: boolean;
}

export interface Statements {
  /** Runs one statement. Throws what node:sqlite throws. */
  execute<Row>(sql: string, parameters: readonly unknown[]): QueryResult<Row>;
}

export function createStatements(database: DatabaseSync): Statements {
  const kept = new Map<string, Prepared>();

  function prepare(sql: string): Prepared {
    let prepared = kept.get(sql);
    if (prepared === undefined) {
      const statement = database.prepare(sql);
      prepared = { statement, reads: statement.columns().length > 0 };
      if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '');
    } else {
      kept.delete(sql);
    }
    // Maps keep the order of insertion: the first is the one unused for longest.
    kept.set(sql, prepared);
    return prepared;
  }

  return {
    execute<Row>(sql: string, parameters: readonly unknown[]) {
      const values = parameters.map(bind);
      const { statement, reads } = prepare(sql);
      if (!reads) return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
      return { rows: statement.all(...values) as Row[] };
    },
  };
}

/** node:sqlite binds every number as REAL; whole ones go as INTEGER, so that `/` and stored types are as on PostgreSQL. */
function bind(value: unknown): string | number | bigint | null | Uint8Array {
  const parameter = toParameter(value);
  return typeof parameter === 'number' && Number.isSafeInteger(parameter) ? BigInt(parameter) : parameter;
}
