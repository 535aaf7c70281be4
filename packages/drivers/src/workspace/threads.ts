import module from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fault } from '@pawl/core/content';
import type { FaultDetails } from '@pawl/core';
import type { Job, JobReply, JobRequest, JobResult, ThreadStart } from './job.ts';
import type { Performer } from './perform.ts';

/** Threads that read, hash and write files, as many as there are cores. */
export interface Threads {
  /** In whichever thread has least to do. Throws what the job threw. */
  run<Kind extends Job['kind']>(job: Extract<Job, { kind: Kind }>): Promise<JobResult[Kind]>;
  /** Wherever something was done. */
  everywhere<Kind extends Job['kind']>(job: Extract<Job, { kind: Kind }>): Promise<readonly JobResult[Kind][]>;
  close(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, { readonly resolve: (result: never) => void; readonly reject: (error: unknown) => void }>;
}

/** A job of so many files and bytes is done sooner than a thread is started. */
const [FEW, LITTLE] = [32, 256 * 1024];

/** Starting one takes some 50 ms, so each begins with its first job; while there is none, small jobs are done here. */
export function createThreads(start: ThreadStart, count: number = availableParallelism()): Threads {
  const threads: Thread[] = [];
  const compiled = module.getCompileCacheDir();
  const workerData = { ...start, ...(compiled === undefined ? {} : { compiled: dirname(compiled) }) };
  let here: { readonly performer: Promise<Performer>; last: Promise<void> } | undefined;
  let running = 0;
  let next = 0;

  function begin(): Thread {
    const worker = new Worker(new URL('./thread.mjs', import.meta.url), { workerData, name: `files ${threads.length + 1}` });
    const waiting: Thread['waiting'] = new Map();
    worker.on('message', (reply: JobReply) => {
      const one = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ('result' in reply) one?.resolve(reply.result as never);
      else
        one?.reject(
          'fault' in reply
            ? fault(reply.fault.code, reply.fault.details as FaultDetails<typeof reply.fault.code>)
            : new Error(reply.problem),
        );
    });
    worker.on('error', (error) => {
      for (const one of waiting.values()) one.reject(error);
      waiting.clear();
    });
    const thread = { worker, waiting };
    threads.push(thread);
    return thread;
  }

  function send<Kind extends Job['kind']>(thread: Thread, job: Extract<Job, { kind: Kind }>): Promise<JobResult[Kind]> {
    next += 1;
    const request: JobRequest = { id: next, job };
    return new Promise((resolve, reject) => {
      thread.waiting.set(request.id, { resolve, reject });
      thread.worker.postMessage(request);
    });
  }

  function least(): Thread {
    const idle = threads.find(({ waiting }) => waiting.size === 0);
    if (idle !== undefined) return idle;
    if (threads.length < count) return begin();
    return threads.reduce((best, one) => (one.waiting.size < best.waiting.size ? one : best));
  }

  /** One after another, as in a thread: a performer has one buffer. */
  function performHere<Kind extends Job['kind']>(job: Extract<Job, { kind: Kind }>): Promise<JobResult[Kind]> {
    here ??= { performer: import('./perform.ts').then(({ createPerformer }) => createPerformer(start)), last: Promise.resolve() };
    const { performer, last } = here;
    const done = last.then(async () => (await performer).perform<Kind>(job));
    running += 1;
    here.last = done.then(
      () => void (running -= 1),
      () => void (running -= 1),
    );
    return done;
  }

  return {
    run: (job) => (threads.length === 0 && (isSmall(job) || (running === 0 && isSingle(job))) ? performHere(job) : send(least(), job)),
    everywhere: (job) => Promise.all([...(here === undefined ? [] : [performHere(job)]), ...threads.map((thread) => send(thread, job))]),
    async close() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

/** One file: reading it leaves others their turn, however large it is. */
const isSingle = (job: Job): boolean => (job.kind === 'take' || job.kind === 'digest') && job.files.length === 1;

function isSmall(job: Job): boolean {
  const sizes =
    job.kind === 'take' || job.kind === 'digest' || job.kind === 'pack'
      ? job.files
      : job.kind === 'place'
        ? job.targets
        : job.kind === 'write'
          ? job.contents.map(({ target }) => target)
          : undefined;
  return sizes !== undefined && sizes.length <= FEW && sizes.reduce((sum, { size }) => sum + size, 0) <= LITTLE;
}
