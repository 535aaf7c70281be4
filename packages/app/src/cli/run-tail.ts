import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Client } from '@pawl/client';
import type { Context } from './context.ts';
import { Failed } from './exit.ts';
import { formatNumber, formatSpan } from './format.ts';
import { toSpark } from './spark.ts';
import { toTable } from './table.ts';
import { cut, toLine } from './text.ts';

type Run = Awaited<ReturnType<Client['run']['get']>>['run'];

interface Point {
  readonly key: string;
  readonly value: number | string;
  readonly step: number;
  readonly time: string;
}

interface Message {
  readonly event: string;
  readonly data: {
    readonly run?: Run;
    readonly metrics?: readonly Point[];
    readonly points?: readonly Point[];
    readonly status?: string;
    readonly name?: string;
    readonly params?: Readonly<Record<string, string>>;
    readonly tags?: Readonly<Record<string, string>>;
    readonly ended_at?: string | null;
  };
}

/** A server that is away is asked again so long. */
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const REDRAW_MS = 250;
const TREND = 24;

export function addRunTailCommand(run: Command, context: Context): void {
  run
    .command('tail')
    .description('Follow a run as it goes, until it ends; exit code 1 when it failed or was killed')
    .argument('<run>', 'id')
    .action(async (id: string) => {
      const view = context.json
        ? createJsonView()
        : process.stdout.isTTY
          ? createScreen(context, await pastOf(context, id))
          : createLines();
      let status = 'running';
      try {
        for await (const message of messagesOf(context, id)) {
          status = message.data.status ?? message.data.run?.status ?? status;
          view.take(message);
        }
      } finally {
        view.end();
      }
      if (status === 'failed' || status === 'killed') throw new Failed(status);
    });
}

/** The messages of the stream; after a break it goes on where it was. */
async function* messagesOf(context: Context, id: string): AsyncGenerator<Message> {
  const client = await context.client();
  let after: string | undefined;
  let failedAt: number | undefined;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, 5000)) {
    try {
      for await (const { event, data, id: position } of client.stream(
        `/runs/${encodeURIComponent(id)}/stream`,
        { after },
        { signal: context.signal },
      )) {
        if (position !== '') after = position;
        failedAt = undefined;
        wait = FIRST_PAUSE_MS;
        yield { event, data: JSON.parse(data) as Message['data'] };
        if (event === 'end') return;
      }
      if (context.signal.aborted) throw context.signal.reason;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'server_unreachable') throw error;
      failedAt ??= Date.now();
      // One that was never there is told at once.
      if (after === undefined || Date.now() - failedAt > PATIENCE_MS) throw error;
    }
    await sleep(wait, undefined, { signal: context.signal });
  }
}

interface View {
  take(message: Message): void;
  end(): void;
}

function createJsonView(): View {
  return { take: ({ event, data }) => void process.stdout.write(`${JSON.stringify({ event, ...data })}\n`), end: () => undefined };
}

/** For logs and pipes: a line for each step, and for each change. */
function createLines(): View {
  const say = (text: string): void => void process.stdout.write(`${toLine(text)}\n`);
  return {
    take({ event, data }) {
      if (event === 'state' && data.run !== undefined) say(`run ${data.run.id} ${data.run.name} ${data.run.status}`);
      if (event === 'params') say(`params ${toPairs(data.params)}`);
      if (event === 'tags') say(`tags ${toPairs(data.tags)}`);
      if (event === 'status' || event === 'end') say(`${event} ${data.status ?? ''}`);
      for (const [step, points] of Map.groupBy(data.points ?? data.metrics ?? [], (point) => point.step)) {
        const time = points[0]?.time.slice(11, 19) ?? '';
        say(`${time} step ${step} ${points.map(({ key, value }) => `${key}=${formatNumber(Number(value))}`).join(' ')}`);
      }
    },
    end: () => undefined,
  };
}

const toPairs = (texts: Readonly<Record<string, string>> = {}): string =>
  Object.entries(texts)
    .map(([key, value]) => `${key}=${cut(toLine(value), 60)}`)
    .join(' ');

/** What the run logged before, as far as the screen shows it. */
async function pastOf(context: Context, id: string): Promise<readonly Point[]> {
  const { series } = await (await context.client()).runs.series({ runs: [id], points: 4 * TREND });
  return series.flatMap(({ key, x, y }) => x.map((step, at): Point => ({ key, step, value: y[at] ?? 'NaN', time: '' })));
}

interface Row {
  readonly key: string;
  last: number;
  step: number;
  least: number;
  greatest: number;
  readonly trend: number[];
}

/** For a terminal: one small table that is drawn over again. */
function createScreen(context: Context, past: readonly Point[]): View {
  const rows = new Map<string, Row>();
  let run: Run | undefined;
  let height = 0;
  let drawnAt = 0;
  const draw = (): void => {
    drawnAt = Date.now();
    const text = run === undefined ? '' : toText(run, [...rows.values()], context.look);
    process.stdout.write(`${height > 0 ? `\u001b[${height}A\u001b[J` : ''}${text}\n`);
    height = text.split('\n').length;
  };
  const add = ({ key, value, step }: Point): void => {
    const number = Number(value);
    const row = rows.get(key) ?? { key, last: number, step, least: Infinity, greatest: -Infinity, trend: [] };
    rows.set(key, row);
    if (step >= row.step) [row.last, row.step] = [number, step];
    if (number < row.least) row.least = number;
    if (number > row.greatest) row.greatest = number;
    row.trend.push(number);
    if (row.trend.length > TREND) row.trend.shift();
  };
  for (const point of past) add(point);
  const clock = setInterval(draw, 1000);
  return {
    take({ data }) {
      run = data.run ?? run;
      if (run !== undefined && data.status !== undefined) {
        run = { ...run, status: data.status as Run['status'], name: data.name ?? run.name, ended_at: data.ended_at ?? run.ended_at };
      }
      // Of the state, what is not of the past already.
      for (const point of data.points ?? (data.metrics ?? []).filter(({ key }) => !rows.has(key))) add(point);
      if (Date.now() - drawnAt >= REDRAW_MS) draw();
    },
    end() {
      clearInterval(clock);
      draw();
    },
  };
}

function toText(run: Run, rows: readonly Row[], look: Context['look']): string {
  const line = toLine(`${run.name} ${run.id} · ${run.status} · ${formatSpan(run.started_at, run.ended_at, Date.now())}`);
  const head = cut(line, look.width ?? line.length);
  const most = Math.max(3, (process.stdout.rows ?? 24) - 4);
  const shown = rows.toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, most);
  if (shown.length === 0) return `${head}\nNo metric yet.`;
  const number = (value: number): string | null => (Number.isFinite(value) || Number.isNaN(value) ? formatNumber(value) : null);
  const table = toTable(
    shown,
    [
      { title: 'METRIC', value: ({ key }) => key },
      { title: 'LAST', value: ({ last }) => formatNumber(last), align: 'right' },
      { title: 'STEP', value: ({ step }) => step, align: 'right' },
      { title: 'LEAST', value: ({ least }) => number(least), align: 'right' },
      { title: 'GREATEST', value: ({ greatest }) => number(greatest), align: 'right' },
      { title: 'TREND', value: ({ trend }) => toSpark(trend, TREND) },
    ],
    look,
  );
  const more = rows.length > shown.length ? `\n… and ${rows.length - shown.length} more` : '';
  return `${head}\n${table}${more}`;
}
