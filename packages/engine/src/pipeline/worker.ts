import type { Digest, EventType, Task } from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import type { Loop } from '../reactor/loop.ts';
import { ACTOR, Attempt } from './attempt.ts';
import type { AttemptPorts } from './attempt.ts';
import { toTaskEvent } from './events.ts';
import { moveTask } from './move.ts';

export interface WorkerOptions {
  /**
   * Who holds the leases. No two living workers may share one; the same name after a restart takes back at once what the dead one held, without waiting for
   * the leases to end.
   */
  readonly worker: string;
  /** A worker silent for so long is held to be dead. It renews after a third of it. */
  readonly leaseMs?: number;
  /** Tasks that run at the same time. */
  readonly slots?: number;
  /** Between SIGTERM and SIGKILL, for a task that is canceled or lost. */
  readonly stopGraceMs?: number;
}

/** Runs tasks. A tick renews leases, stops what is not wanted any more, and starts tasks up to the free slots; it does not wait for their end. */
export interface Worker extends Loop {
  /** Resolves when no task runs. */
  idle(): Promise<void>;
  /** Claims nothing more, ends the commands and gives their tasks back. */
  close(graceMs: number): Promise<void>;
}

/** One claim that this process works on. A task may be here twice for a moment: canceled and still ending, and claimed anew. */
interface Running {
  readonly attempt: Attempt;
  done: Promise<void>;
  leaseUntil: number;
}

const PAGE = 100;
const WAKES: ReadonlySet<EventType> = new Set(['pipeline.run_created', 'task.changed', 'pipeline.run_changed']);

export function createWorker(ports: AttemptPorts, options: WorkerOptions): Worker {
  const { database, clock, log } = ports;
  const { worker, leaseMs = 30_000, slots = 2, stopGraceMs = 10_000 } = options;
  const running = new Set<Running>();
  const ending = new Set<Promise<void>>();
  const inFlight = new Map<Digest, Promise<void>>();
  let closing = false;
  let recovered = false;

  const begin = (task: Task): void => {
    const attempt = new Attempt(ports, task, inFlight);
    const entry: Running = { attempt, done: Promise.resolve(), leaseUntil: task.leaseUntil ?? 0 };
    running.add(entry);
    entry.done = attempt
      .run()
      .catch((error: unknown) =>
        log.error({ err: error, task: task.id, run: task.run, step: task.step }, 'the end of a task could not be written'),
      )
      .finally(() => {
        running.delete(entry);
        const { aftermath } = attempt;
        ending.add(aftermath);
        void aftermath.finally(() => ending.delete(aftermath));
        // What waited for this one is ready now; the loop would look only after its pause.
        fill().catch((error: unknown) => log.warn({ err: error, worker }, 'the next task could not be claimed yet'));
      })
      .then(() => undefined);
  };

  const claim = (): Promise<Task | undefined> =>
    database.transaction(async (tx) => {
      const now = clock.now();
      const task = await tx.tasks.claim(worker, now, now + leaseMs);
      if (task !== undefined) await tx.events.append([toTaskEvent(ports, task, ACTOR)]);
      return task;
    });

  let filling: Promise<boolean> | undefined;

  /** Claims up to the free slots; true when it claimed one. Whoever asks meanwhile gets the same answer. */
  const fill = (): Promise<boolean> => {
    filling ??= (async () => {
      let claimed = false;
      while (!closing && running.size < slots) {
        const task = await claim();
        if (task === undefined) break;
        begin(task);
        claimed = true;
      }
      return claimed;
    })().finally(() => (filling = undefined));
    return filling;
  };

  const move = (task: Task, type: 'renew' | 'lose'): Promise<Task | undefined> =>
    retryOnConflict(`Task ${task.id}`, () => {
      const event =
        type === 'renew'
          ? ({ type, fence: task.fence, leaseUntil: clock.now() + leaseMs } as const)
          : ({ type, fence: task.fence } as const);
      return database.transaction((tx) => moveTask(tx, ports, task.id, event, ACTOR));
    });

  /** Keeps one running task alive, or stops it when it was canceled or given to another. */
  const tend = async (entry: Running): Promise<void> => {
    const { attempt } = entry;
    const { task } = attempt;
    const stored = await database.read.tasks.get(task.id);
    const held = stored?.fence === task.fence && (stored.state === 'running' || stored.state === 'canceling');
    let ours = held && stored.state === 'running';
    if (held && clock.now() >= entry.leaseUntil - (leaseMs * 2) / 3) {
      const renewed = await move(task, 'renew');
      entry.leaseUntil = renewed?.leaseUntil ?? entry.leaseUntil;
      ours &&= renewed?.state === 'running';
    }
    // It may also have ended by itself just now: stopping is then without effect.
    if (!ours) attempt.stop(stopGraceMs);
    await attempt.flushLogs();
  };

  /** A worker of this name died: its tasks have lost their process with it. */
  const recover = async (): Promise<void> => {
    for (;;) {
      const held = await database.read.tasks.leased({ worker }, PAGE);
      for (const task of held) await move(task, 'lose');
      if (held.length < PAGE) return;
    }
  };

  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all([...running].map((entry) => entry.done));
    await Promise.all(ending);
  };

  return {
    idle,
    name: `worker ${worker}`,
    wakes: WAKES,
    async tick() {
      if (!recovered) {
        await recover();
        recovered = true;
      }
      for (const entry of running) await tend(entry);
      return fill();
    },
    async close(graceMs) {
      closing = true;
      for (const { attempt } of running) attempt.stop(graceMs);
      await idle();
    },
  };
}
