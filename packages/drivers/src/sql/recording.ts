import { fault } from '@pawl/core';
import type {
  CodeVersion,
  ConsoleLine,
  ConsoleStream,
  DatasetUser,
  Digest,
  Recording,
  RecordingState,
  RecordingStore,
  RunUsage,
} from '@pawl/core';
import { sql as raw } from 'kysely';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { toStorable } from './text.ts';

interface RecordingTable {
  readonly run: string;
  readonly command: string;
  readonly host: string;
  readonly machine: string | null;
  readonly state: RecordingState;
  readonly report: number;
  readonly opened_at: number;
  readonly heard_at: number;
  readonly lease_ms: number;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly last_line: number;
  readonly head_bytes: number;
  readonly tail_bytes: number;
}

interface UsageTable {
  readonly run: string;
  readonly source: string;
  readonly attempt: number;
  readonly task: string | null;
  readonly machine: string | null;
  readonly wall_ms: number;
  readonly cpu_ms: number | null;
  readonly peak_memory_bytes: number | null;
  readonly memory_byte_seconds: number | null;
  readonly read_bytes: number | null;
  readonly write_bytes: number | null;
  readonly gpu_ms: number;
  readonly cost: number | null;
  readonly currency: string | null;
}

export interface RecordingTables {
  readonly recording: RecordingTable;
  readonly run_usage: UsageTable;
  readonly console_chunk: {
    readonly run: string;
    readonly last: number;
    readonly first: number;
    readonly part: 'head' | 'tail';
    readonly bytes: number;
    /** JSON: `[[time, 0 for stdout or 1 for stderr, text], …]`. */
    readonly lines: string;
  };
}

/** Chunks looked at in one read when the oldest are dropped. */
const DROPPED_AT_ONCE = 200;

export function createRecordingStore({ db }: Sql): RecordingStore {
  const chunksOf = (run: string) => db.selectFrom('console_chunk').select(['first', 'lines']).where('run', '=', run);

  return {
    async get(run) {
      const row = await db.selectFrom('recording').selectAll().where('run', '=', run).executeTakeFirst();
      return row && toRecording(row);
    },

    async silent(now, limit) {
      const { rows } = await raw<RecordingTable>`
        select * from recording where state = 'open' and heard_at + lease_ms < ${now} order by heard_at, run limit ${limit}`.execute(db);
      return rows.map(toRecording);
    },

    async lines(run, after, limit) {
      // Every chunk has a line at least.
      const rows = await chunksOf(run).where('last', '>', after).orderBy('last').limit(limit).execute();
      return rows
        .flatMap(toLines)
        .filter(({ seq }) => seq > after)
        .slice(0, limit);
    },

    async tail(run, limit) {
      const rows = await chunksOf(run).orderBy('last', 'desc').limit(limit).execute();
      return rows.toReversed().flatMap(toLines).slice(-limit);
    },

    async usage(run) {
      const rows = await db.selectFrom('run_usage').selectAll().where('run', '=', run).orderBy('source').orderBy('attempt').execute();
      return rows.map(toUsage);
    },

    async users({ dataset, version }, page) {
      const after = fromCursor(page, ['number', 'string', 'string']);
      let query = db
        .selectFrom('run_input')
        .innerJoin('run', 'run.id', 'run_input.run')
        .select(['run.id', 'run.name', 'run.experiment', 'run_input.role', 'run.status', 'run.started_at'])
        .where('run_input.dataset', '=', dataset)
        .where('run_input.version', '=', version)
        .where('run.lifecycle', '=', 'active')
        .orderBy('run.started_at', 'desc')
        .orderBy('run.id', 'desc')
        .orderBy('run_input.role', 'desc')
        .limit(page.limit + 1);
      if (after !== undefined)
        query = query.where((eb) =>
          eb(eb.refTuple('run.started_at', 'run.id', 'run_input.role'), '<', eb.tuple(after[0], after[1], after[2])),
        );
      return toPage(
        await query.execute(),
        page.limit,
        ({ id, started_at, ...row }): DatasetUser => ({ ...row, run: id, startedAt: started_at }),
        (row) => toCursor(row.started_at, row.id, row.role),
      );
    },

    async versionByDigest(dataset, hex) {
      const from: Digest = `sha256:${hex}`;
      const row = await db
        .selectFrom('dataset_version')
        .select(['dataset', 'version'])
        .where('dataset', '=', dataset)
        .where('manifest', '>=', from)
        // Digits of a digest sort below "g".
        .where('manifest', '<', `${from}g`)
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && { ...row };
    },

    async put(recording) {
      const { run, ...row } = fromRecording(recording);
      await db
        .insertInto('recording')
        .values({ run, ...row })
        .onConflict((conflict) => conflict.column('run').doUpdateSet(row))
        .execute();
    },

    async putUsage(usage) {
      const { run, source, attempt, ...row } = fromUsage(usage);
      await db
        .insertInto('run_usage')
        .values({ run, source, attempt, ...row })
        .onConflict((conflict) => conflict.columns(['run', 'source', 'attempt']).doUpdateSet(row))
        .execute();
    },

    async setSurroundings(run, { code, environment }) {
      const before = await db.selectFrom('run').select(['code', 'environment']).where('id', '=', run).executeTakeFirst();
      if (before === undefined) throw fault('run_not_found', { id: run });
      await db
        .updateTable('run')
        .set({
          ...(code === undefined ? {} : { code: toJson(code satisfies CodeVersion) }),
          ...(environment === undefined
            ? {}
            : { environment: toJson({ ...fromJson<Readonly<Record<string, string>>>(before.environment), ...environment }) }),
          id: run,
        })
        .where('id', '=', run)
        .execute();
    },

    async append(run, { first, lines }, part, bytes) {
      const rows = lines.map(({ time, stream, text }) => [time, stream === 'stdout' ? 0 : 1, text]);
      await db
        .insertInto('console_chunk')
        .values({ run, last: first + lines.length - 1, first, part, bytes, lines: toJson(rows) })
        // Another writer of the same lines: its change of the recording undoes this transaction, which would otherwise end with this error instead.
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async dropTail(run, bytes) {
      let dropped = 0;
      while (dropped < bytes) {
        const rows = await db
          .selectFrom('console_chunk')
          .select(['last', 'bytes'])
          .where('run', '=', run)
          .where('part', '=', 'tail')
          .orderBy('last')
          .limit(DROPPED_AT_ONCE)
          .execute();
        let until: number | undefined;
        for (const row of rows) {
          if (dropped >= bytes) break;
          dropped += row.bytes;
          until = row.last;
        }
        if (until === undefined) break;
        await db.deleteFrom('console_chunk').where('run', '=', run).where('part', '=', 'tail').where('last', '<=', until).execute();
      }
      return dropped;
    },
  };
}

function toLines({ first, lines }: { readonly first: number; readonly lines: string }): readonly ConsoleLine[] {
  const streams: readonly ConsoleStream[] = ['stdout', 'stderr'];
  return fromJson<[number, number, string][]>(lines).map(([time, stream, text], at) => ({
    seq: first + at,
    time,
    stream: streams[stream] ?? 'stdout',
    text,
  }));
}

function fromRecording({ openedAt, heardAt, leaseMs, exitCode, console, ...row }: Recording): RecordingTable {
  return {
    ...row,
    command: toStorable(row.command),
    host: toStorable(row.host),
    opened_at: openedAt,
    heard_at: heardAt,
    lease_ms: leaseMs,
    exit_code: exitCode,
    last_line: console.last,
    head_bytes: console.headBytes,
    tail_bytes: console.tailBytes,
  };
}

function toRecording(row: RecordingTable): Recording {
  const { opened_at, heard_at, lease_ms, exit_code, last_line, head_bytes, tail_bytes, ...rest } = row;
  return {
    ...rest,
    openedAt: opened_at,
    heardAt: heard_at,
    leaseMs: lease_ms,
    exitCode: exit_code,
    console: { last: last_line, headBytes: head_bytes, tailBytes: tail_bytes },
  };
}

function fromUsage(usage: RunUsage): UsageTable {
  const whole = (value: number | null): number | null => (value === null ? null : Math.round(value));
  return {
    run: usage.run,
    source: usage.source,
    attempt: usage.attempt,
    task: usage.task,
    machine: usage.machine,
    wall_ms: Math.round(usage.wallMs),
    cpu_ms: whole(usage.cpuMs),
    peak_memory_bytes: whole(usage.peakMemoryBytes),
    memory_byte_seconds: usage.memoryByteSeconds,
    read_bytes: whole(usage.readBytes),
    write_bytes: whole(usage.writeBytes),
    gpu_ms: Math.round(usage.gpuMs),
    cost: usage.cost,
    currency: usage.currency,
  };
}

function toUsage(row: UsageTable): RunUsage {
  return {
    run: row.run,
    source: row.source,
    attempt: row.attempt,
    task: row.task,
    machine: row.machine,
    wallMs: row.wall_ms,
    cpuMs: row.cpu_ms,
    peakMemoryBytes: row.peak_memory_bytes,
    memoryByteSeconds: row.memory_byte_seconds,
    readBytes: row.read_bytes,
    writeBytes: row.write_bytes,
    gpuMs: row.gpu_ms,
    cost: row.cost,
    currency: row.currency,
  };
}
