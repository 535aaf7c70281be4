import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { addPageOptions, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { toTaskName } from './pipeline-control.ts';
import { toPattern } from './run-logs.ts';
import { withoutControls, paint } from './text.ts';

interface Line {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly time: string;
}

interface LogsOptions extends PageOptions {
  readonly follow?: boolean;
  readonly grep?: string;
  readonly time?: boolean;
}

/** `pawl pipeline logs`: everything a step wrote, all of it unless a page is asked for. */
export function addPipelineLogs(pipeline: Command, context: Context): void {
  addPageOptions(
    pipeline
      .command('logs')
      .description('Show what a step of a run wrote')
      .argument('<run>', 'id')
      .argument('<step>', 'or STEP[INDEX], an element of its fan-out'),
  )
    .option('-f, --follow', 'go on until the step has ended')
    .option('--grep <pattern>', 'only lines that this regular expression finds')
    .option('-t, --time', 'when each line was written')
    .action(async (run: string, task: string, options: LogsOptions) => {
      const { step, index } = toTaskName(task);
      const show = createPrinter(context, options);
      const client = await context.client();
      if (options.follow === true) {
        const path = `/pipeline-runs/${encodeURIComponent(run)}/tasks/${encodeURIComponent(step)}/logs/stream`;
        for await (const { event, data } of client.stream(
          path,
          { after: options.after, index: index === undefined ? undefined : String(index) },
          { signal: context.signal },
        )) {
          if (event === 'message') show(JSON.parse(data) as Line);
        }
        return;
      }
      if (options.limit !== undefined || (context.json && options.grep === undefined)) {
        const page = await client.pipeline.logs({ run, step, index, ...pageOf(options) });
        if (context.json) return context.answer(page, () => '');
        return page.items.forEach(show);
      }
      const { items } = await import('@pawl/client');
      for await (const line of items((cursor) => client.pipeline.logs({ run, step, index, limit: 1000, ...pageOf(options), ...cursor })))
        show(line);
    });
}

function createPrinter(context: Context, { grep, time }: LogsOptions): (line: Line) => void {
  const pattern = grep === undefined ? undefined : toPattern(grep);
  return (line) => {
    if (pattern !== undefined && !pattern.test(stripVTControlCharacters(line.text))) return;
    if (context.json) return write(JSON.stringify(line));
    const { color } = context.look;
    const head = time === true ? paint(`${line.time.slice(0, 23).replace('T', ' ')}  `, 'dim', color) : '';
    write(head + paint(withoutControls(line.text), line.stream === 'stderr' ? 'warn' : undefined, color));
  };
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
