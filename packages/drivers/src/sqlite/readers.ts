import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { fault } from '@pawl/core';
import type { QueryResult } from 'kysely';
import type { Parameter } from '../sql/parameters.ts';
import type { Answer, Question, ReaderStart } from './reader-message.ts';

/** Threads at most: a few reads at once use the cores there are, more would only hold memory. */
const MOST_THREADS = 4;
/** A thread that had nothing to read for so long ends. */
const IDLE_MS = 20_000;

export interface Readers {
  execute<Row>(sql: string, parameters: readonly Parameter[]): Promise<QueryResult<Row>>;
  /** Waits for reads under way. */
  close(): Promise<void>;
}

interface Waiting {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  current: Waiting | undefined;
  idle: NodeJS.Timeout | undefined;
}

/**
 * Reads that may be long, in threads: node:sqlite answers on the thread that asks, and all requests would wait. Threads start when they are needed, each with
 * a connection of its own, and end when nobody reads. What a thread that dies was reading is rejected; the next read starts another.
 */
export function createReaders(path: string): Readers {
  const most = Math.max(1, Math.min(MOST_THREADS, availableParallelism()));
  const threads = new Set<Thread>();
  const queue: Waiting[] = [];
  let closed = false;
  let tellDrained: (() => void) | undefined;

  const isDrained = (): boolean => queue.length === 0 && [...threads].every(({ current }) => current === undefined);

  function start(): Thread {
    const workerData: ReaderStart = { path };
    const worker = new Worker(new URL('./reader-worker.ts', import.meta.url), { workerData, name: 'sqlite reader' });
    const thread: Thread = { worker, current: undefined, idle: undefined };
    let reason: unknown;
    worker.on('message', (answer: Answer) => {
      const { current } = thread;
      thread.current = undefined;
      current?.resolve(answer);
      next(thread);
    });
    worker.on('error', (error) => (reason = error));
    worker.on('exit', () => {
      threads.delete(thread);
      clearTimeout(thread.idle);
      thread.current?.reject(fault('database_unreachable', { reason: `a thread that reads ${path} ended` }, reason));
      thread.current = undefined;
      dispatch();
      if (isDrained()) tellDrained?.();
    });
    threads.add(thread);
    return thread;
  }

  function next(thread: Thread): void {
    const waiting = queue.shift();
    if (waiting !== undefined) return give(thread, waiting);
    thread.worker.unref();
    thread.idle = setTimeout(() => end(thread), IDLE_MS).unref();
    if (isDrained()) tellDrained?.();
  }

  function give(thread: Thread, waiting: Waiting): void {
    clearTimeout(thread.idle);
    thread.current = waiting;
    thread.worker.ref();
    thread.worker.postMessage(waiting.question);
  }

  function end(thread: Thread): void {
    threads.delete(thread);
    void thread.worker.terminate();
  }

  /** Gives what waits to threads that are free, or new ones. */
  function dispatch(): void {
    while (queue.length > 0) {
      const free = [...threads].find(({ current }) => current === undefined) ?? (threads.size < most ? start() : undefined);
      const waiting = free === undefined ? undefined : queue.shift();
      if (free === undefined || waiting === undefined) return;
      give(free, waiting);
    }
  }

  return {
    async execute<Row>(sql: string, parameters: readonly Parameter[]) {
      if (closed) throw fault('database_unreachable', { reason: `${path} is closed` });
      const answer = await new Promise<Answer>((resolve, reject) => {
        queue.push({ question: { sql, parameters }, resolve, reject });
        dispatch();
      });
      if (answer.kind === 'failure') throw Object.assign(new Error(answer.message), { code: answer.code, errcode: answer.errcode });
      return { rows: toRows(answer) as Row[] };
    },
    async close() {
      closed = true;
      if (!isDrained()) await new Promise<void>((resolve) => (tellDrained = resolve));
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

function toRows({ names, columns, count }: Extract<Answer, { readonly kind: 'rows' }>): object[] {
  const rows: Record<string, unknown>[] = Array.from({ length: count }, () => ({}));
  for (const [at, name] of names.entries()) {
    const column = columns[at] ?? [];
    for (let row = 0; row < count; row += 1) (rows[row] as Record<string, unknown>)[name] = column[row];
  }
  return rows;
}
