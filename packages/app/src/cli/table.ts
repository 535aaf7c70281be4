import { cut, paint, toLine, widthOf } from './text.ts';
import type { Style } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | boolean | null | undefined;
  readonly align?: 'right';
  readonly style?: (row: Row) => Style | undefined;
}

const GAP = '  ';
/** No column is cut below this. */
const LEAST = 8;

/** An aligned table with a line of titles. With a width, the widest columns are cut until it fits. */
export function toTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  look: { readonly width: number | undefined; readonly color: boolean },
): string {
  const cells = rows.map((row) => columns.map((column) => toLine(toCell(column.value(row)))));
  const natural = columns.map((column, index) => Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[index] ?? ''))));
  const widths = fit(natural, look.width);
  const titles = columns.map((column, index) => paint(place(column.title, widths[index] ?? 0, column.align), 'dim', look.color));
  const lines = rows.map((row, line) =>
    columns.map((column, index) =>
      paint(place(cells[line]?.[index] ?? '', widths[index] ?? 0, column.align), column.style?.(row), look.color),
    ),
  );
  return [titles, ...lines].map((line) => line.join(GAP).trimEnd()).join('\n');
}

/** Names and values below each other; a value that is null or undefined shows as a dash. */
export function toFields(fields: readonly (readonly [string, string | number | boolean | null | undefined])[], indent = ''): string {
  const width = Math.max(...fields.map(([name]) => widthOf(name)));
  return fields.map(([name, value]) => `${indent}${place(name, width, undefined)}${GAP}${toLine(toCell(value))}`.trimEnd()).join('\n');
}

function toCell(value: string | number | boolean | null | undefined): string {
  return value === null || value === undefined || value === '' ? '–' : String(value);
}

function place(text: string, width: number, align: 'right' | undefined): string {
  const shown = cut(text, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(shown)));
  return align === 'right' ? space + shown : shown + space;
}

/** Takes from the widest column, again and again, until all fit or none can give more. */
function fit(natural: readonly number[], limit: number | undefined): readonly number[] {
  if (limit === undefined) return natural;
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - limit;
  while (over > 0) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    const below = Math.max(LEAST, ...widths.filter((width) => width < widest));
    const equals = widths.filter((width) => width === widest).length;
    const take = Math.min(widest - below, Math.max(1, Math.ceil(over / equals)));
    for (let index = 0; index < widths.length && over > 0; index += 1) {
      if (widths[index] !== widest) continue;
      widths[index] = widest - take;
      over -= take;
    }
  }
  return widths;
}
