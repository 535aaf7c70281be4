import type { RowCondition } from './types.ts';

/** The columns a condition reads, in the order of their first use. */
export function columnsOfCondition(condition: RowCondition): readonly string[] {
  return [...new Set(walk(condition))];
}

function walk(condition: RowCondition): readonly string[] {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(walk);
    case 'not':
      return walk(condition.part);
    case 'compare_columns':
      return [condition.a, condition.b];
    default:
      return [condition.column];
  }
}
