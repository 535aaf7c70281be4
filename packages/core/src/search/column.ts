import { fault } from '../fault/fault.ts';
import { findField } from './field.ts';
import type { Field, SearchSpec } from './types.ts';

/** A column of a table of what was found. */
export interface SearchColumn {
  readonly entity: string;
  readonly key: string;
  readonly kind: Field['kind'];
  /** As it was asked for; its title. */
  readonly written: string;
}

/** Parses `metrics.loss`, `run_name`, … as the left sides of filters are read. Throws `search_column_invalid`. */
export function parseColumns(spec: SearchSpec, columns: readonly string[]): readonly SearchColumn[] {
  return columns.map((written) => {
    const found = findField(spec, written.trim(), 'filters');
    if (typeof found === 'string') throw fault('search_column_invalid', { column: written, problem: found });
    return { entity: found.entity, key: found.key, kind: found.field.kind, written };
  });
}
