import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import type { RunLogsItem } from '@pawl/client';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { plural } from './format.ts';
import { toWhole } from './options.ts';
import { withoutControls, paint } from './text.ts';

interface LogsOptions {
  readonly follow?: true;
  readonly tail?: number;
  readonly grep?: string;
  readonly source?: string;
  readonly time?: true;
}

const PAGE = 1000;

/** `pawl run logs`: what a run wrote, its own command and the steps of its pipeline. */
export function addRunLogs(run: Command, context: Context): void {
  run
    .command('logs')
    .description('Show what a run wrote')
    .argument('<run>', 'id')
    .option('-f, --follow', 'go on until the run has ended')
    .option('--tail <count>', 'only the last so many lines', toWhole)
    .option('--grep <pattern>', 'only lines that this regular expression finds')
    .option('--source <step>', 'only what this step of the pipeline wrote')
    .option('--time', 'show when each line was written')
    .action(async (id: string, options: LogsOptions) => {
      const { follow, tail, source } = options;
      const show = createPrinter(context, options);
      const client = await context.client();
      let after: string | undefined;
      if (tail !== undefined) {
        const page = await client.run.logs({ run: id, tail: Math.min(tail, 10_000), source });
        for (const line of page.items) show(line);
        after = page.position;
        if (follow !== true) return;
      }
      if (follow === true) {
        const path = `/runs/${encodeURIComponent(id)}/logs/stream`;
        for await (const { event, data } of client.stream(path, { after, source }, { signal: context.signal })) {
          if (event === 'message') show(JSON.parse(data) as RunLogsItem);
        }
        return;
      }
      const { items } = await import('@pawl/client');
      let lines = 0;
      for await (const line of items((cursor) => client.run.logs({ run: id, limit: PAGE, source, ...cursor }))) {
        show(line);
        lines++;
      }
      const written = lines > 0 ? 0 : ((await client.recording.get({ run: id })).recording?.lines ?? 0);
      if (written > 0) process.stderr.write(`Its log of ${plural(written, 'line')} was older than logs are kept here, and is gone.\n`);
    });
}

function createPrinter(context: Context, { grep, time }: LogsOptions): (line: RunLogsItem) => void {
  const pattern = grep === undefined ? undefined : toPattern(grep);
  /** Number of the last line by source: where they jump, lines are missing. */
  const last = new Map<string, number>();
  return (line) => {
    const { source, seq, stream, text } = line;
    const before = last.get(source);
    last.set(source, seq);
    if (pattern !== undefined && !pattern.test(stripVTControlCharacters(text))) return;
    if (context.json) return write(JSON.stringify(line));
    const { color } = context.look;
    const missing = before === undefined || source !== '' ? 0 : seq - before - 1;
    if (missing > 0 && pattern === undefined) write(paint(`[${missing.toLocaleString('en-US')} lines were not kept]`, 'dim', color));
    const head = `${time === true ? `${line.time.slice(0, 23).replace('T', ' ')}  ` : ''}${source === '' ? '' : `[${source}] `}`;
    write(paint(head, 'dim', color) + paint(withoutControls(text), stream === 'stderr' ? 'warn' : undefined, color));
  };
}

export function toPattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new UsageError(`--grep ${text} is no regular expression: ${(error as Error).message}`);
  }
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
