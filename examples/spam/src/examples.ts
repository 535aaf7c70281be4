/** The joined training or evaluation table (features of the text, those of the sender, the label) as rows of numbers. */
import { ACTIVITY, FEATURES } from './features.ts';
import type { Examples } from './learn.ts';
import { StepError } from './step.ts';
import { readParquet } from './table.ts';

/** The columns of the model, in order. */
const COLUMNS: readonly string[] = [...FEATURES, ...ACTIVITY];

/** Reads the Parquet file, oldest mail first. Throws a StepError when a column is absent or a feature of the text is NULL. */
export async function readExamples(path: string): Promise<Examples> {
  const table = await readParquet(path);
  const absent = ACTIVITY.filter((name) => !table.names.includes(name));
  if (absent.length > 0) throw new StepError(`${path} has no column '${absent[0]}'; join the feature view sender_activity first.`);
  const columns = COLUMNS.map((name) => table.numbers(name));
  const spam = table.numbers('spam');
  const receivedAt = table.numbers('received_at');
  for (const [j, name] of COLUMNS.entries()) {
    // No events of a sender is a count of nothing; a feature of the text, though, is always computed.
    if (j >= FEATURES.length) columns[j] = (columns[j] ?? new Float64Array()).map((value) => (Number.isNaN(value) ? 0 : value));
    const bad = columns[j]?.findIndex((value) => !Number.isFinite(value)) ?? -1;
    if (bad >= 0) throw new StepError(`${path}: column '${name}' is NULL or not finite at row ${bad + 1}.`);
  }
  const order = [...receivedAt.keys()].sort((a, b) => (receivedAt[a] ?? 0) - (receivedAt[b] ?? 0) || a - b);
  return {
    columns: COLUMNS,
    rows: order.map((i) => Float64Array.from(columns, (column) => column[i] ?? 0)),
    spam: order.map((i) => spam[i] === 1),
  };
}
