import { fault, isFault } from '@pawl/core';
import type { GcOptions, GcRun, Ids, Log, Page, PageRequest } from '@pawl/core';
import { toEvent } from '../event.ts';
import { collect, dropLease, holdLease } from './collect.ts';
import type { CollectPorts } from './collect.ts';

export interface GcPorts extends CollectPorts {
  readonly ids: Ids;
  readonly log: Log;
}

/** Removes for good what was deleted and what nothing refers to. One collection at a time of all servers on a database. */
export interface GcService {
  /** Starts a collection in the background. Throws `gc_running`. */
  start(options: GcOptions, actor: string): Promise<GcRun>;
  /** Throws `gc_not_found`. */
  get(id: string): Promise<GcRun>;
  /** Newest first. */
  list(page: PageRequest): Promise<Page<GcRun>>;
  /** Resolves when no collection of this process is under way. */
  settle(): Promise<void>;
}

export function createGcService(ports: GcPorts): GcService {
  const { database, clock, ids, log } = ports;
  let current: Promise<void> = Promise.resolve();

  const put = (run: GcRun): Promise<void> => database.transaction((tx) => tx.gc.putRun(run));

  const end = (run: GcRun): Promise<void> =>
    database.transaction(async (tx) => {
      await tx.gc.putRun(run);
      if (run.options.dryRun) return;
      const removed = Object.fromEntries(
        run.lines.map((line) => [line.kind, { removed: line.removed, bytes: line.bytes, held: line.held }]),
      );
      const data = { gc: run.id, state: run.state, older_than_ms: run.options.olderThanMs, removed, problem: run.problem };
      await tx.events.append([toEvent(ports, 'gc.ended', `gc/${run.id}`, run.actor, data)]);
    });

  const perform = async (started: GcRun): Promise<void> => {
    let last = started;
    try {
      const done = await collect(ports, started, async (run) => {
        last = run;
        await put(run);
      });
      await end(done);
    } catch (error) {
      const problem = isFault(error) ? error.message : `Something went wrong; the server's log has the details under ${started.id}.`;
      log.error({ err: error, gc: started.id }, 'a collection failed');
      await end({ ...last, state: 'failed', problem, endedAt: clock.now() }).catch((failed: unknown) =>
        log.error({ err: failed, gc: started.id }, 'the end of a collection could not be written'),
      );
    } finally {
      await dropLease(ports, started.id).catch(() => undefined);
    }
  };

  return {
    async start(options, actor) {
      const id = ids.next();
      if (!(await holdLease(ports, id))) {
        const holder = (await database.read.leases.get('gc'))?.holder ?? id;
        throw fault('gc_running', { id: holder });
      }
      const started: GcRun = {
        id,
        options,
        state: 'running',
        phase: 'starting',
        lines: [],
        waiting: { count: 0, bytes: 0 },
        kept: { count: 0, bytes: 0 },
        problem: '',
        startedAt: clock.now(),
        endedAt: null,
        actor,
      };
      await put(started);
      current = perform(started);
      return started;
    },
    async get(id) {
      const run = await database.read.gc.run(id);
      if (run === undefined) throw fault('gc_not_found', { id });
      return run.state === 'running' && (await database.read.leases.get('gc'))?.holder !== id ? await refetch(id) : run;
    },
    list: (page) => database.read.gc.runs(page),
    settle: () => current,
  };

  /** A collection whose server died holds no lease and never ends: it is shown as failed. */
  async function refetch(id: string): Promise<GcRun> {
    const run = await database.read.gc.run(id);
    if (run === undefined) throw fault('gc_not_found', { id });
    if (run.state !== 'running') return run;
    return { ...run, state: 'failed', problem: 'The server that did it stopped; start it again.', endedAt: run.startedAt };
  }
}
