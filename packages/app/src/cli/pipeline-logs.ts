import type { Command } from 'commander';
import type { Context } from './context.ts';
import { addPageOptions, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { withoutControls, paint } from './text.ts';

interface Line {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** `pawl pipeline logs`: everything a step wrote, all of it unless a page is asked for. */
export function addPipelineLogs(pipeline: Command, context: Context): void {
  addPageOptions(pipeline.command('logs').description('Show what a step of a run wrote').argument('<run>', 'id').argument('<step>'))
    .option('-f, --follow', 'go on until the step has ended')
    .action(async (run: string, step: string, options: PageOptions & { readonly follow?: boolean }) => {
      const client = await context.client();
      if (options.follow === true) {
        const path = `/pipeline-runs/${encodeURIComponent(run)}/tasks/${encodeURIComponent(step)}/logs/stream`;
        for await (const { event, data } of client.stream(path, { after: options.after }, { signal: context.signal })) {
          if (event === 'message') write(context.json ? data : toText(JSON.parse(data) as Line));
        }
        return;
      }
      if (context.json || options.limit !== undefined) {
        const page = await client.pipeline.logs({ run, step, ...pageOf(options) });
        return context.answer(page, () => page.items.map(toText).join('\n'));
      }
      const { items } = await import('@pawl/client');
      for await (const line of items((cursor) => client.pipeline.logs({ run, step, limit: 1000, ...pageOf(options), ...cursor })))
        write(toText(line));
    });

  const toText = ({ stream, text }: Line): string =>
    paint(withoutControls(text), stream === 'stderr' ? 'warn' : undefined, context.look.color);
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
