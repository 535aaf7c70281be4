import type { TraceGet } from '@pawl/client';
import { formatDuration } from './format.ts';
import { toTree } from './tree.ts';
import type { Branch } from './tree.ts';
import { paint, toLine, widthOf } from './text.ts';
import type { Look } from './context.ts';

type Span = TraceGet['spans'][number];

/** Columns of the bar that shows when a span was. */
const BAR = 30;
/** Spans further down are not shown: no terminal is that wide. */
const DEEPEST = 100;

/** The spans as a tree, each with its time and a bar that shows when it was. One whose parent is not here stands by itself. */
export function toSpanTree(spans: readonly Span[], look: Look): string {
  if (spans.length === 0) return 'No span has come yet.';
  const known = new Set(spans.map(({ id }) => id));
  const byParent = Map.groupBy(spans, ({ parent }) => (parent !== null && known.has(parent) ? parent : null));
  const order: Span[] = [];
  const grow = (span: Span, depth: number): Branch => {
    order.push(span);
    const below = depth < DEEPEST ? (byParent.get(span.id) ?? []) : [];
    return { text: `${span.name}${typeOf(span)}`, under: below.map((child) => grow(child, depth + 1)) };
  };
  const lines = (byParent.get(null) ?? []).map((root) => toTree(grow(root, 0))).flatMap((text) => text.split('\n'));
  const width = Math.max(...lines.map(widthOf));
  const [first, last] = [Math.min(...spans.map(startOf)), Math.max(...spans.map(endOf))];
  return lines
    .map((line, at) => {
      const span = order[at] as Span;
      const took = span.ended_at_ns === null ? 'running' : formatDuration(endOf(span) - startOf(span));
      const bar = toBar(startOf(span) - first, endOf(span) - first, last - first);
      const failed = span.status === 'error' ? `  ${paint(toLine(span.message) || 'error', 'bad', look.color)}` : '';
      return `${line}${' '.repeat(width - widthOf(line))}  ${took.padStart(8)}  ${bar}${failed}`.trimEnd();
    })
    .join('\n');
}

function typeOf({ attributes }: Span): string {
  const type = attributes['mlflow.spanType'];
  return typeof type === 'string' && type !== 'UNKNOWN' ? ` [${type}]` : '';
}

const toMs = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1000n) / 1000;
const startOf = ({ started_at_ns }: Span): number => toMs(started_at_ns);
const endOf = ({ started_at_ns, ended_at_ns }: Span): number => toMs(ended_at_ns ?? started_at_ns);

function toBar(from: number, until: number, whole: number): string {
  const at = (time: number): number => (whole <= 0 ? 0 : Math.round((time / whole) * BAR));
  const start = Math.min(at(from), BAR - 1);
  const end = Math.max(start + 1, at(until));
  return `${' '.repeat(start)}${'━'.repeat(end - start)}${' '.repeat(BAR - end)}`;
}
