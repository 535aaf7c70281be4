import { fault } from '@pawl/core';
import type { ConsoleLine, Database } from '@pawl/core';

/** A line of one of a run's logs. */
export interface RunLogLine extends ConsoleLine {
  /** Empty for the console log of the run's own command, else the pipeline step that wrote it. */
  readonly source: string;
}

export interface LogRequest {
  /** Of this source only. */
  readonly source?: string;
  /** Position: where an earlier read ended. */
  readonly after?: string;
  readonly limit: number;
}

export interface LogPage {
  readonly lines: readonly RunLogLine[];
  /** Where these lines end; a read from there gives what follows. */
  readonly position: string;
  /** Whether more is there already. */
  readonly more: boolean;
}

/** Number of the last line read, by source. */
type Position = Readonly<Record<string, number>>;

interface Source {
  readonly name: string;
  after(seq: number, limit: number): Promise<readonly ConsoleLine[]>;
  tail(limit: number): Promise<readonly ConsoleLine[]>;
}

const TAIL_PAGE = 5000;

/** Lines of a run's logs, of several sources by their time. Throws `log_source_not_found`, `invalid_cursor`. */
export async function readLogs(database: Database, run: string, { source, after, limit }: LogRequest): Promise<LogPage> {
  const sources = await findSources(database, run, source);
  const position: Record<string, number> = { ...fromPosition(after) };
  const waiting = await Promise.all(
    sources.map(async (one) => ({ name: one.name, lines: await one.after(position[one.name] ?? 0, limit + 1), at: 0 })),
  );
  const lines: RunLogLine[] = [];
  for (;;) {
    // Each source in its own order; between them by time.
    let next: (typeof waiting)[number] | undefined;
    for (const one of waiting) {
      if (one.at < one.lines.length && (next === undefined || timeAt(one) < timeAt(next))) next = one;
    }
    const line = next?.lines[next.at];
    if (next === undefined || line === undefined) return { lines, position: toPosition(position), more: false };
    if (lines.length === limit) return { lines, position: toPosition(position), more: true };
    lines.push({ ...line, source: next.name });
    position[next.name] = line.seq;
    next.at += 1;
  }
}

/** The last lines of a run's logs, and the position from which to go on. */
export async function readTail(database: Database, run: string, { source, limit }: Omit<LogRequest, 'after'>): Promise<LogPage> {
  const sources = await findSources(database, run, source);
  const position: Record<string, number> = {};
  const found: RunLogLine[] = [];
  for (const one of sources) {
    const lines = await one.tail(limit);
    const last = lines.at(-1);
    if (last !== undefined) position[one.name] = last.seq;
    found.push(...lines.map((line) => ({ ...line, source: one.name })));
  }
  // The sort is stable: lines of one source and time stay as they were.
  const lines = found.toSorted((a, b) => a.time - b.time).slice(-limit);
  return { lines, position: toPosition(position), more: false };
}

function timeAt({ lines, at }: { readonly lines: readonly ConsoleLine[]; readonly at: number }): number {
  return lines[at]?.time ?? Infinity;
}

async function findSources({ read }: Database, run: string, only: string | undefined): Promise<readonly Source[]> {
  const sources: Source[] = [];
  if ((await read.recordings.get(run)) !== undefined)
    sources.push({
      name: '',
      after: (seq, limit) => read.recordings.lines(run, seq, limit),
      tail: (limit) => read.recordings.tail(run, limit),
    });
  for (const { id, step } of await read.tasks.byRun(run)) {
    sources.push({
      name: step,
      after: (seq, limit) => read.tasks.logs(id, seq, limit),
      async tail(limit) {
        let kept: readonly ConsoleLine[] = [];
        for (let after = 0; ;) {
          const page = await read.tasks.logs(id, after, TAIL_PAGE);
          kept = [...kept, ...page].slice(-limit);
          if (page.length < TAIL_PAGE) return kept;
          after = page.at(-1)?.seq ?? after;
        }
      },
    });
  }
  if (only === undefined) return sources;
  const named = sources.filter(({ name }) => name === only);
  if (named.length === 0) throw fault('log_source_not_found', { run, source: only, known: sources.map(({ name }) => name) });
  return named;
}

function toPosition(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function fromPosition(text: string | undefined): Position {
  if (text === undefined) return {};
  try {
    const position = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
    if (typeof position === 'object' && position !== null && Object.values(position).every((seq) => Number.isSafeInteger(seq)))
      return position as Position;
  } catch {
    // Told below.
  }
  throw fault('invalid_cursor', { cursor: text });
}
