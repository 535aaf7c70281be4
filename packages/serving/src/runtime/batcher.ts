import { planBatch } from '@pawl/core';
import type { Batch, Columns } from '../tensor/tensor.ts';
import type { ModelRuntime } from './runtime.ts';
import { DeadlineExceeded } from './runtime.ts';
import { joinRows, sliceRows } from '../tensor/tensor.ts';

export interface Batcher {
  /** Outputs of exactly the rows given. Rejects when the model fails on them. */
  run(batch: Batch): Promise<Columns>;
}

interface Job {
  readonly batch: Batch;
  readonly resolve: (outputs: Columns) => void;
  readonly reject: (reason: unknown) => void;
}

function joinBatches(batches: readonly Batch[], names: readonly string[]): Batch {
  const column = (name: string) => joinRows(batches.flatMap((batch) => batch.columns[name] ?? []));
  return {
    rows: batches.reduce((sum, batch) => sum + batch.rows, 0),
    columns: Object.fromEntries(names.map((name) => [name, column(name)])),
  };
}

function sliceColumns(columns: Columns, from: number, until: number): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, tensor]) => [name, sliceRows(tensor, from, until)]));
}

/** Whether two requests may share a batch: the same columns with the same type and row shape, and nothing said beside them. */
function sameRowShape(a: Batch, b: Batch): boolean {
  if (a === b) return true;
  if (a.params !== undefined || b.params !== undefined || Object.keys(a.columns).length !== Object.keys(b.columns).length) return false;
  return Object.entries(a.columns).every(([name, left]) => {
    const right = b.columns[name];
    if (right?.datatype !== left.datatype) return false;
    return right.shape.length === left.shape.length && left.shape.every((size, axis) => axis === 0 || size === right.shape[axis]);
  });
}

/**
 * Runs one batch at a time; requests whose time is over are left out, those that arrive meanwhile run together next, up to `maxRows` rows, and each gets its own rows back by offset.
 * Nobody waits for company: an idle model starts at once. A batch that fails is run again request by request, so a bad request fails alone.
 */
export function createBatcher(runtime: ModelRuntime, maxRows: number): Batcher {
  const queue: Job[] = [];
  // A graph with a fixed number of rows, or whose outputs are not by row, is run request by request.
  let byRow = runtime.inputs.every((input) => input.shape[0] === -1);
  let running = false;

  async function runAlone(job: Job): Promise<void> {
    try {
      job.resolve(await runtime.run(job.batch));
    } catch (error) {
      job.reject(error);
    }
  }

  async function runTogether(jobs: readonly Job[], names: readonly string[]): Promise<void> {
    const joined = joinBatches(
      jobs.map((job) => job.batch),
      names,
    );
    let outputs: Columns | undefined;
    try {
      outputs = await runtime.run(joined);
    } catch {
      // Whose rows were bad is found by running them one by one.
    }
    if (outputs !== undefined && Object.values(outputs).some((tensor) => tensor.shape[0] !== joined.rows)) {
      byRow = false;
      outputs = undefined;
    }
    if (outputs === undefined) {
      for (const job of jobs) await runAlone(job);
      return;
    }
    let offset = 0;
    for (const job of jobs) {
      job.resolve(sliceColumns(outputs, offset, offset + job.batch.rows));
      offset += job.batch.rows;
    }
  }

  async function drain(): Promise<void> {
    if (running) return;
    running = true;
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      const { batch } = head;
      if (batch.expires !== undefined && batch.expires <= performance.now()) {
        queue.shift();
        head.reject(new DeadlineExceeded());
        continue;
      }
      const odd = queue.findIndex((job) => !sameRowShape(batch, job.batch));
      const alike = odd === -1 ? queue : queue.slice(0, odd);
      const count = byRow
        ? planBatch(
            alike.map((job) => job.batch.rows),
            maxRows,
          )
        : 1;
      const jobs = queue.splice(0, count);
      await (jobs.length === 1 ? runAlone(head) : runTogether(jobs, Object.keys(batch.columns)));
    }
    running = false;
  }

  return {
    run: (batch) =>
      new Promise((resolve, reject) => {
        queue.push({ batch, resolve, reject });
        void drain();
      }),
  };
}
