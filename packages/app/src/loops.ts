import type { Database, EventListener, EventType, Log } from '@pawl/core';
import type { Loop } from '@pawl/engine';

export interface LoopRunner {
  start(): void;
  /** Resolves once no loop is in a tick. */
  stop(): Promise<void>;
  /** Resolves when every loop has looked after the call and found nothing to do. For replays in simulated time. */
  settle(): Promise<void>;
}

/** One loop and how often it has looked. */
interface Running {
  readonly loop: Loop;
  begun: number;
  ended: number;
  /** Number of the last look that did something. */
  acted: number;
  /** Looks since the last one that went well; each of them threw. */
  failures: number;
  /** Ends its pause; undefined while it looks. */
  resume: (() => void) | undefined;
}

const LONGEST_PAUSE_MS = 30_000;

/** Events of so long are looked at together: under a stream of commits the loops must not look after each. */
const GATHER_MS = 25;

function wakes({ wakes: own }: Loop, types: ReadonlySet<EventType> | undefined): boolean {
  if (types === undefined) return true;
  return [...types].some((type) => (own === undefined ? !type.startsWith('run.') && type !== 'task.changed' : own.has(type)));
}

/**
 * Runs each loop by itself: again at once while it did something, else at the next event or after `pollMs`. A loop that throws pauses, from `pollMs` on twice as long each
 * time up to 30 s, and no event ends the pause: what is broken is not hammered at. It is logged the first, second, fourth, … time, and once when it goes well again.
 */
export function createLoopRunner(
  ports: { readonly database: Database; readonly log: Log; readonly pollMs: number },
  loops: readonly Loop[],
): LoopRunner {
  const { database, log, pollMs } = ports;
  const all = loops.map((loop): Running => ({ loop, begun: 0, ended: 0, acted: 0, failures: 0, resume: undefined }));
  let stopped = false;
  let watchers: (() => void)[] = [];
  let running: Promise<unknown> = Promise.resolve();
  let unsubscribe: () => void = () => undefined;

  let gathering: NodeJS.Timeout | undefined;
  /** Loops that the events of this gathering wake. */
  const woken = new Set<Running>();
  const wakeSoon: EventListener = (types) => {
    for (const one of all) if (wakes(one.loop, types)) woken.add(one);
    if (woken.size === 0) return;
    gathering ??= setTimeout(() => {
      gathering = undefined;
      for (const one of woken) if (one.failures === 0) one.resume?.();
      woken.clear();
    }, GATHER_MS);
  };

  const pause = (one: Running): Promise<void> =>
    new Promise((resolve) => {
      const resume = (): void => {
        one.resume = undefined;
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(resume, Math.min(pollMs * 2 ** Math.max(0, one.failures - 1), Math.max(pollMs, LONGEST_PAUSE_MS)));
      one.resume = resume;
    });

  const look = async (one: Running): Promise<boolean> => {
    const number = ++one.begun;
    let acted = false;
    try {
      acted = await one.loop.tick();
      if (one.failures > 0) log.info({ loop: one.loop.name, failures: one.failures }, 'a background loop goes well again');
      one.failures = 0;
    } catch (error) {
      const failures = ++one.failures;
      if ((failures & (failures - 1)) === 0)
        log.error({ err: error, loop: one.loop.name, failures }, 'a background loop failed and will try again');
    }
    one.ended = number;
    if (acted) one.acted = number;
    const [waiting] = [watchers, (watchers = [])];
    for (const tell of waiting) tell();
    return acted;
  };

  const run = async (one: Running): Promise<void> => {
    while (!stopped) {
      const again = await look(one);
      if (!again && !stopped) await pause(one);
    }
  };

  /** Waits until each loop has ended a look that began after now; tells whether one of those did something. */
  const round = async (): Promise<boolean> => {
    const marks = new Map(all.map((one) => [one, one.begun]));
    const due = (one: Running): boolean => one.ended <= (marks.get(one) ?? 0);
    while (!stopped && all.some(due)) {
      // Only those that have not looked yet: waking the others too would keep the event loop from ever turning.
      for (const one of all) if (one.begun === marks.get(one)) one.resume?.();
      await new Promise<void>((resolve) => watchers.push(resolve));
    }
    return all.some((one) => one.acted > (marks.get(one) ?? 0));
  };

  return {
    start() {
      unsubscribe = database.onEvents(wakeSoon);
      running = Promise.all(all.map(run));
    },
    async stop() {
      stopped = true;
      unsubscribe();
      clearTimeout(gathering);
      for (const one of all) one.resume?.();
      await running;
    },
    async settle() {
      // Twice quiet: what one loop found nothing of in the first round, another may have made by its end.
      for (let quiet = 0; quiet < 2 && !stopped;) quiet = (await round()) ? 0 : quiet + 1;
    },
  };
}
