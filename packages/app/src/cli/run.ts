import type { Command } from 'commander';
import type { Context } from './context.ts';
import { formatSpan, formatTime } from './format.ts';
import { pageOf } from './options.ts';
import { addRunArchiveCommands } from './run-archive.ts';
import { addRunChangeCommands } from './run-change.ts';
import { addRunCompareCommand } from './run-compare.ts';
import { addRunExec } from './run-exec.ts';
import { addRunLogCommand } from './run-log.ts';
import { addRunLogs } from './run-logs.ts';
import { addRunSearchCommands } from './run-search.ts';
import { addRunShow } from './run-show.ts';
import { addRunTailCommand } from './run-tail.ts';
import { addTableOptions, asksForTable, experimentNames, showTable } from './run-table.ts';
import type { TableOptions } from './run-table.ts';
import type { Style } from './text.ts';

export function addRunCommands(run: Command, context: Context): void {
  addTableOptions(run.command('list').description('List runs, newest first')).action(async (options: TableOptions) => {
    if (asksForTable(options)) return showTable(context, '', options);
    const client = await context.client();
    const page = await client.run.list({ ...pageOf(options), experiment: options.experiment[0] });
    const names = context.json ? new Map<number, string>() : await experimentNames(client, page.items);
    context.table(
      page,
      [
        { title: 'RUN', value: (one) => one.id },
        { title: 'NAME', value: (one) => one.name },
        { title: 'EXPERIMENT', value: (one) => names.get(one.experiment) },
        { title: 'STATUS', value: (one) => one.status, style: (one) => statusStyle(one.status) },
        { title: 'STARTED', value: (one) => formatTime(one.started_at) },
        { title: 'TOOK', value: (one) => formatSpan(one.started_at, one.ended_at, Date.now()), align: 'right' },
        {
          title: 'COMMIT',
          value: (one) => (one.code === null ? null : one.code.commit.slice(0, 10) + (one.code.patch === null ? '' : '+')),
        },
      ],
      'No run yet.',
    );
  });
  addRunSearchCommands(run, context);
  addRunShow(run, context);
  addRunCompareCommand(run, context);
  addRunTailCommand(run, context);
  addRunExec(run, context);
  addRunLogs(run, context);
  addRunLogCommand(run, context);
  addRunChangeCommands(run, context);
  addRunArchiveCommands(run, context);
}

function statusStyle(status: string): Style | undefined {
  return status === 'finished' ? 'good' : status === 'running' ? 'warn' : 'bad';
}
