import type { DuckDBValue } from '@duckdb/node-api';
import type { JsonValue } from '@pawl/core';
import { ROW } from './probe.ts';
import type { Examples } from './probe.ts';
import { fromText } from './value.ts';

export const SAMPLES = 20;
const SAMPLE_LENGTH = 200;

export interface Sampled {
  readonly samples: readonly JsonValue[];
  readonly rows: readonly number[];
}

/** An aggregate over a numbered batch: the first rows that meet the condition, each as a list of texts, its number in front. Only those become text. */
export function toSampleSelect({ values, condition }: Examples): string {
  return toTexts(`arg_min(${toStruct(values)}, ${ROW}, ${SAMPLES}) FILTER (WHERE ${condition})`, values);
}

/** The same as a scalar subquery, which reads the columns at hand only, by the bounds of the condition, and stops at the last row that it needs. */
export function toEarlySampleSelect({ values, condition }: Examples, numbered: string): string {
  const found = `SELECT ${ROW} AS r, ${toStruct(values)} AS s FROM ${numbered} WHERE ${condition} LIMIT ${SAMPLES}`;
  return toTexts(`(SELECT list(s ORDER BY r) FROM (${found}))`, values);
}

function toStruct(values: Examples['values']): string {
  return `struct_pack(${[`r := ${ROW}`, ...values.map(({ sql }, at) => `v${at} := ${sql}`)].join(', ')})`;
}

function toTexts(list: string, values: Examples['values']): string {
  const texts = values.map((_, at) => `left(CAST("pawl sample".v${at} AS VARCHAR), ${SAMPLE_LENGTH + 1})`);
  return `list_transform(${list}, lambda "pawl sample": [${['CAST("pawl sample".r AS VARCHAR)', ...texts].join(', ')}])`;
}

/** Reads what `toSampleSelect` found. */
export function fromSamples(found: DuckDBValue, { values }: Examples): Sampled {
  if (found === null) return { samples: [], rows: [] };
  const { items } = found as unknown as { readonly items: readonly { readonly items: readonly (string | null)[] }[] };
  const read = items.map(({ items: [row, ...texts] }) => {
    const cells = texts.map((text, at) => fromText(text === null ? null : cut(text), values[at]?.kind ?? 'other'));
    return { row: Number(row), sample: cells.length === 1 ? (cells[0] ?? null) : cells };
  });
  return { samples: read.map(({ sample }) => sample), rows: read.map(({ row }) => row) };
}

/** Whole code points, so that no half of a pair is left. */
export function cut(text: string): string {
  if (text.length <= SAMPLE_LENGTH) return text;
  const points = Array.from(text);
  return points.length <= SAMPLE_LENGTH ? text : `${points.slice(0, SAMPLE_LENGTH).join('')}…`;
}
