import type { CommandSpec, FunctionCall } from '@pawl/core';
import { startForkServer } from './fork-server.ts';
import type { ForkServer } from './fork-server.ts';
import { requireFolder } from './launch.ts';
import type { Started } from './launch.ts';

export interface WarmPool {
  /** Starts a call in a fork. Undefined when it is none for this, or no server is to be had at the moment: then it is run as any other. Throws `command_not_started`. */
  start(spec: CommandSpec, env: Readonly<Record<string, string>>): Promise<Started | undefined>;
}

/** After a server died, calls run without one for so long, and twice as long each time it dies again. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
const IDLE_MS = 5 * 60_000;
const MOST_SERVERS = 4;

/** What is known of one interpreter and project; the server of it comes and goes. */
interface Place {
  readonly interpreter: string;
  readonly env: Readonly<Record<string, string>>;
  readonly modules: Set<string>;
  readonly unusable: Set<string>;
  server: Promise<ForkServer> | undefined;
  replacing: boolean;
  failures: number;
  notBefore: number;
  usedAt: number;
}

/** Keeps a fork server for each interpreter and project that calls come for: started at the first call, replaced when it is stale or has more to import, ended when nothing comes. */
export function createWarmPool(): WarmPool {
  const places = new Map<string, Place>();

  function find(call: FunctionCall, cwd: string, env: Readonly<Record<string, string>>): Place {
    // Libraries read how many threads to use when they are imported.
    const key = [call.interpreter, cwd, env['OMP_NUM_THREADS'] ?? ''].join('\0');
    let place = places.get(key);
    if (place === undefined) {
      const basics = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PAWL_') && !name.startsWith('MLFLOW_')));
      place = {
        interpreter: call.interpreter,
        env: basics,
        modules: new Set(),
        unusable: new Set(),
        server: undefined,
        replacing: false,
        failures: 0,
        notBefore: 0,
        usedAt: 0,
      };
      places.set(key, place);
    }
    place.usedAt = performance.now();
    dropIdle();
    return place;
  }

  function dropIdle(): void {
    const all = [...places].toSorted(([, a], [, b]) => b.usedAt - a.usedAt);
    for (const [index, [key, place]] of all.entries()) {
      if (index < MOST_SERVERS && performance.now() - place.usedAt < IDLE_MS) continue;
      places.delete(key);
      retire(place);
    }
  }

  setInterval(dropIdle, IDLE_MS / 5).unref();

  function retire(place: Place): void {
    void place.server?.then((server) => server.retire()).catch(() => undefined);
    place.server = undefined;
  }

  function serverOf(place: Place): Promise<ForkServer> {
    place.server ??= open(place);
    return place.server;
  }

  function open(place: Place): Promise<ForkServer> {
    const opening = startForkServer({
      interpreter: place.interpreter,
      env: place.env,
      modules: [...place.modules],
      onLearned: (names) => void learn(place, names),
      onUnusable(name) {
        place.unusable.add(name);
        place.modules.delete(name);
      },
    });
    opening.then(
      (server) => void server.ended.then((wanted) => wanted || failed(place, opening)),
      () => failed(place, opening),
    );
    return opening;
  }

  function failed(place: Place, which: Promise<ForkServer>): void {
    if (place.server === which) place.server = undefined;
    place.failures += 1;
    // Perhaps one of them does not bear the fork.
    place.modules.clear();
    place.notBefore = performance.now() + Math.min(FIRST_PAUSE_MS * 2 ** (place.failures - 1), LONGEST_PAUSE_MS);
  }

  /** Starts a server that has these modules too, beside the one at work, which then ends with its last call. */
  async function learn(place: Place, names: readonly string[]): Promise<void> {
    const more = names.filter((name) => !place.modules.has(name) && !place.unusable.has(name));
    for (const name of more) place.modules.add(name);
    if (more.length === 0 || place.replacing) return;
    place.replacing = true;
    const before = place.server;
    try {
      const next = open(place);
      await next;
      if (place.server !== before) return (await next).retire();
      place.server = next;
      (await before)?.retire();
    } catch {
      // The one at work goes on.
    } finally {
      place.replacing = false;
    }
  }

  return {
    async start(spec, env) {
      const { command, cwd } = spec;
      if (typeof command === 'string' || command.language !== 'python') return undefined;
      await requireFolder(spec);
      const place = find(command, cwd, env);
      for (let tries = 0; tries < 2; tries += 1) {
        if (performance.now() < place.notBefore) return undefined;
        const opening = serverOf(place);
        const server = await opening.catch(() => undefined);
        if (server === undefined) return undefined;
        const started = await server.call({ cwd, env, call: command });
        if (started === 'stale' && place.server === opening) retire(place);
        if (started === 'stale') continue;
        if (started !== undefined) place.failures = 0;
        return started;
      }
      return undefined;
    },
  };
}
