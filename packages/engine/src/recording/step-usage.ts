import { toSystemMetrics, toTotalMetrics } from '@pawl/core';
import type { Clock, Database, Metric, PriceTable, Task, Usage, UsageSample, Writers } from '@pawl/core';
import { recordUsage } from './usage.ts';

export interface StepUsagePorts {
  readonly database: Database;
  readonly clock: Clock;
  /** Null or absent: nothing has a price. */
  readonly prices?: PriceTable | null;
  /** Type of this machine in the price table. */
  readonly machine?: string | null;
}

/** What one attempt of a step uses, on its way to the record of its run: as system metrics under the step's name while it runs, and as a sum. */
export class StepUsage {
  readonly #ports: StepUsagePorts;
  readonly #task: Task;
  #waiting: UsageSample[] = [];
  #count = 0;
  #flushing: Promise<void> = Promise.resolve();

  constructor(ports: StepUsagePorts, task: Task) {
    this.#ports = ports;
    this.#task = task;
  }

  add(sample: UsageSample): void {
    this.#waiting.push(sample);
  }

  /** Stores what is waiting, unless the task is another's by now; flushes follow each other. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#store());
    return this.#flushing;
  }

  /** In the transaction that ends the attempt. */
  async end(tx: Writers, usage: Usage): Promise<void> {
    const { run, step } = this.#task;
    const time = this.#ports.clock.now();
    const metrics = Object.entries(toTotalMetrics(usage, step)).map(([key, value]): Metric => ({
      run,
      key,
      value,
      step: this.#count,
      time,
    }));
    await tx.runs.record(run, { metrics });
    await this.#put(tx, usage);
  }

  async #store(): Promise<void> {
    const samples = [...this.#waiting];
    const last = samples.at(-1);
    if (last === undefined) return;
    const { id, run, step, fence } = this.#task;
    const metrics = samples.flatMap((sample, at) =>
      Object.entries(toSystemMetrics(sample, step)).map(([key, value]): Metric => ({
        run,
        key,
        value,
        step: this.#count + at,
        time: sample.time,
      })),
    );
    await this.#ports.database.transaction(async (tx) => {
      if ((await tx.tasks.get(id))?.fence !== fence) return;
      await tx.runs.record(run, { metrics });
      await this.#put(tx, last.usage);
    });
    this.#count += samples.length;
    this.#waiting = this.#waiting.slice(samples.length);
  }

  async #put(tx: Writers, usage: Usage): Promise<void> {
    const { clock, prices = null, machine = null } = this.#ports;
    const { id, run, step, attempt } = this.#task;
    await recordUsage(tx, { clock, prices }, { run, source: step, attempt, task: id, machine, ...usage });
  }
}
