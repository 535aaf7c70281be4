/** What runs in a thread of the pool: one job after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { isFault } from '@pawl/core/content';
import type { JobReply, JobRequest, ThreadStart } from './job.ts';
import { createPerformer } from './perform.ts';

const performer = createPerformer(workerData as ThreadStart);
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', ({ id, job }: JobRequest) => {
  last = last.then(async () => {
    let reply: JobReply;
    try {
      reply = { id, result: await performer.perform(job) };
    } catch (error) {
      reply = isFault(error)
        ? { id, fault: { code: error.code, details: error.details } }
        : { id, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    parentPort?.postMessage(reply);
  });
});
