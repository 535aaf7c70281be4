import { toValueTest } from '@pawl/core';
import type { ValueCondition } from '@pawl/core';
import type { Finding, Own, Probe } from './probe.ts';
import { ROW } from './probe.ts';
import { and, toRowFinding } from './domain.ts';
import { cut, SAMPLES } from './sample.ts';
import type { Value } from './value.ts';

/**
 * For conditions that SQL cannot say: each different text of the column is put to core's own test once, as it streams by, with how often it occurs and where first.
 * Grouping spills to disk; nothing is held here but the samples.
 */
export function toValueByValueProbe(
  condition: Extract<ValueCondition, { is: 'json' | 'date' }>,
  value: Value,
  where: string | null,
  mostly: number,
): Probe {
  if (value.kind !== 'text') throw new RangeError(`column "${value.name}" is ${value.type}, which is no text`);
  const test = toValueTest(condition);
  return {
    kind: 'own',
    async ask(session, batch): Promise<Finding> {
      const grouped = `SELECT CAST(${value.sql} AS VARCHAR), count(*), min(${ROW}) FROM ${batch.numbered} WHERE ${and(where)} GROUP BY 1`;
      let [elements, considered, unexpected] = [0, 0, 0];
      let worst: { readonly row: number; readonly text: string }[] = [];
      const result = await session.connection.stream(grouped);
      for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        for (const [text, count, row] of chunk.getRows()) {
          elements += Number(count);
          if (typeof text !== 'string') continue;
          considered += Number(count);
          if (test(text) === 'met') continue;
          unexpected += Number(count);
          worst.push({ row: Number(row), text });
          if (worst.length > 10 * SAMPLES) worst = first(worst);
        }
      }
      const shown = first(worst);
      return {
        ...toRowFinding(elements, considered, unexpected, mostly),
        samples: shown.map(({ text }) => cut(text)),
        rows: shown.map(({ row }) => row),
      };
    },
  } satisfies Own;
}

function first(found: readonly { readonly row: number; readonly text: string }[]): { readonly row: number; readonly text: string }[] {
  return found.toSorted((a, b) => a.row - b.row).slice(0, SAMPLES);
}
