import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { parseColumns, parseOrder, runColumns, runSearch } from '@pawl/core';
import type { Cell, SearchColumn } from '@pawl/core';
import type { FolderService, TableService } from '@pawl/engine';
import { z } from 'zod';
import { toCsvLine } from '../../schema/csv.ts';
import { defineRoute, parsePart } from './route.ts';
import type { Route } from './route.ts';
import { scopeShape, toScope } from './run-scope.ts';
import { toNumber, toTime } from './schema.ts';

const tableShape = {
  ...scopeShape,
  columns: z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(200)
    .describe('Such as `run_id`, `experiment`, `duration`, `metrics.loss`, `metrics_min.loss`, `params.lr`, `tags.note`.'),
  order_by: z.array(z.string().max(1000)).max(16).default([]).describe('Such as `metrics.f1 DESC`; newest first otherwise.'),
};

const pageBody = z.object({
  ...tableShape,
  limit: z.number().int().min(1).max(50_000).default(1000).describe('Most rows of one answer.'),
  after: z.string().max(20_000).optional().describe('Cursor: `next` of the answer before, to the same search.'),
});

const streamBody = z.object({
  ...tableShape,
  format: z.enum(['ndjson', 'csv']).default('ndjson'),
  limit: z.number().int().min(1).optional().describe('All rows when absent.'),
});

/** Among the texts are `NaN`, `Infinity` and `-Infinity` of metrics. */
const cellSchema = z.union([z.number(), z.string(), z.null()]);

interface TablePorts {
  readonly runTables: TableService;
  readonly experimentFolders: FolderService;
}

/** A table of runs, page by page. */
export function runTableRoutes({ runTables, experimentFolders }: TablePorts): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/runs/table',
      operation: 'runs.table',
      summary:
        'Gives just these columns of the runs that a search finds, a list for each run. POST /api/v1/runs/table/stream gives all of them.',
      body: pageBody,
      response: z.object({
        columns: z.array(z.string()),
        rows: z
          .array(z.array(cellSchema))
          .describe('A cell for each column; null where the run has none. Times are RFC 3339, durations seconds.'),
        next: z.string().optional().describe('Absent on the last page.'),
      }),
      handle: async ({ body: { columns: written, order_by, limit, after, ...scope } }) => {
        const columns = parseColumns(runColumns, written);
        const page = await runTables.page({
          ...(await toScope(experimentFolders, scope)),
          orders: parseOrder(runSearch, order_by),
          columns,
          limit,
          ...(after === undefined ? {} : { after }),
        });
        return { ...page, columns: written, rows: page.rows.map((row) => toRow(columns, row)) };
      },
    }),
  ];
}

/** The whole table as lines, while it is read: memory does not grow with it, and a slow reader slows the reading. */
export function mountRunTable(server: FastifyInstance, { runTables, experimentFolders }: TablePorts): void {
  server.post('/v1/runs/table/stream', async (request, reply) => {
    const { columns: written, order_by, limit, format, ...scope } = parsePart(streamBody, request.body, 'body');
    const columns = parseColumns(runColumns, written);
    const pages = runTables.all({
      ...(await toScope(experimentFolders, scope)),
      orders: parseOrder(runSearch, order_by),
      columns,
      ...(limit === undefined ? {} : { limit }),
    });
    const toLine = format === 'csv' ? toCsvLine : (row: readonly (string | number | null)[]): string => `${JSON.stringify(row)}\n`;
    async function* lines(): AsyncGenerator<string> {
      yield toLine(written);
      for await (const rows of pages) yield rows.map((row) => toLine(toRow(columns, row))).join('');
    }
    return reply.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson').send(Readable.from(lines()));
  });
}

const TIMES: ReadonlySet<string> = new Set(['start_time', 'end_time']);

/** Cells as the API writes them. */
function toRow(columns: readonly SearchColumn[], row: readonly Cell[]): (string | number | null)[] {
  return row.map((cell, at) => {
    const { entity, key } = columns[at] as SearchColumn;
    if (typeof cell !== 'number') return cell;
    if (entity === 'attribute' && TIMES.has(key)) return toTime(cell);
    return entity === 'attribute' && key === 'duration' ? cell / 1000 : toNumber(cell);
  });
}
