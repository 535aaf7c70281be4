import type { Database, Log } from '@pawl/core';
import type { Loop } from '@pawl/engine';

export interface LoopRunner {
  start(): void;
  /** Resolves once no loop is in a tick. */
  stop(): Promise<void>;
  /** Resolves when every loop found nothing to do, all after the call. For replays in simulated time. */
  settle(): Promise<void>;
}

/**
 * Runs each loop by itself: again at once while it did something, else at the next event or after `pollMs`. A loop that throws is logged and goes on.
 */
export function createLoopRunner(ports: { readonly database: Database; readonly log: Log; readonly pollMs: number }, loops: readonly Loop[]): LoopRunner {
  const { database, log, pollMs } = ports;
  let stopped = false;
  let wakers: (() => void)[] = [];
  let running: Promise<unknown> = Promise.resolve();
  let unsubscribe: () => void = () => undefined;

  const wakeAll = (): void => {
    const waiting = wakers;
    wakers = [];
    for (const wake of waiting) wake();
  };

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      wakers.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });

  const step = async (loop: Loop): Promise<boolean> => {
    try {
      return await loop.tick();
    } catch (error) {
      log.error({ err: error, loop: loop.name }, 'a background loop failed and goes on');
      return false;
    }
  };

  const run = async (loop: Loop): Promise<void> => {
    while (!stopped) {
      const again = await step(loop);
      if (!again && !stopped) await pause();
    }
  };

  return {
    start() {
      unsubscribe = database.onEvents(wakeAll);
      running = Promise.all(loops.map(run));
    },
    async stop() {
      stopped = true;
      unsubscribe();
      wakeAll();
      await running;
    },
    async settle() {
      let quiet = 0;
      while (quiet < 2 && !stopped) {
        const acted = await Promise.all(loops.map(step));
        quiet = acted.some(Boolean) ? 0 : quiet + 1;
      }
    },
  };
}
