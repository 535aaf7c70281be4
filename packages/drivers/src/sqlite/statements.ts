import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { QueryResult } from 'kysely';
import { toParameter } from '../sql/parameters.ts';
import type { Parameter } from '../sql/parameters.ts';
import { createKept } from './kept.ts';

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
  const kept = createKept((sql): Prepared => {
    const statement = database.prepare(sql);
    return { statement, reads: statement.columns().length > 0 };
  });

  return {
    execute<Row>(sql: string, parameters: readonly unknown[]) {
      const values = parameters.map(bind);
      const { statement, reads } = kept.get(sql);
      if (!reads) return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
      return { rows: statement.all(...values) as Row[] };
    },
  };
}

/** node:sqlite binds every number as REAL; whole ones go as INTEGER, so that `/` and stored types are as on PostgreSQL. */
export function bind(value: unknown): Parameter {
  const parameter = toParameter(value);
  return typeof parameter === 'number' && Number.isSafeInteger(parameter) ? BigInt(parameter) : parameter;
}
