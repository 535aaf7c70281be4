import { isTypeNamed } from '@pawl/core';
import type { Column } from '@pawl/core';
import { isWithin } from './aggregates.ts';
import { toFinding, toSettled } from './probe.ts';
import type { Pass } from './probe.ts';
import { plain } from './domain.ts';
import type { Of } from './domain.ts';

/** Expectations about the table as a whole: how many rows, which columns. */

export function toRowCountProbe(form: Of<'row_count' | 'column_count'>): Pass {
  return { kind: 'pass', selects: [plain.all], judge: ([rows]) => toFinding(isWithin(Number(rows), form.bounds), Number(rows)) };
}

export function toSameRowCountProbe(reference: { readonly from: string }): Pass {
  return {
    kind: 'pass',
    selects: [plain.all, `(SELECT count(*) FROM ${reference.from})`],
    judge: ([rows, others]) => toFinding(Number(rows) === Number(others), { self: Number(rows), other: Number(others) }),
  };
}

export function toColumnCountProbe(form: Of<'row_count' | 'column_count'>, columns: readonly Column[]): Pass {
  return toSettled(toFinding(isWithin(columns.length, form.bounds), columns.length));
}

export function toTypeProbe(form: Of<'type'>, column: Column): Pass {
  return toSettled(
    toFinding(
      form.types.some((name) => isTypeNamed(column.type, name)),
      column.type,
    ),
  );
}

export function toColumnExistsProbe(form: Of<'column_exists'>, columns: readonly Column[]): Pass {
  const index = columns.findIndex((column) => column.name === form.column);
  return toSettled(toFinding(index >= 0 && (form.index === null || form.index === index), index < 0 ? null : index));
}

export function toColumnsProbe(form: Of<'columns'>, columns: readonly Column[]): Pass {
  const names = columns.map((column) => column.name);
  const missing = form.columns.filter((name) => !names.includes(name));
  const extra = form.exact ? names.filter((name) => !form.columns.includes(name)) : [];
  const inOrder = !form.ordered || (names.length === form.columns.length && names.every((name, index) => name === form.columns[index]));
  const note = [
    missing.length > 0 ? `missing: ${missing.join(', ')}` : '',
    extra.length > 0 ? `unexpected: ${extra.join(', ')}` : '',
    !inOrder && missing.length + extra.length === 0 ? 'in another order' : '',
  ].filter((part) => part !== '');
  return toSettled(
    toFinding(missing.length === 0 && extra.length === 0 && inOrder, names, extra.length + missing.length, note.join('; ') || null),
  );
}
