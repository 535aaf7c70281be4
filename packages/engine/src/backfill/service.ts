import { fault, isFault, MOST_PARTITIONS, parameterNames, toCanonicalJson, toPartitions, toScheduleParameters } from '@pawl/core';
import type {
  Backfill,
  BackfillPartition,
  BackfillState,
  Calendar,
  Clock,
  Database,
  Hash,
  Ids,
  Page,
  PageRequest,
  PartitionState,
  PartitionUnit,
  PipelineRun,
  RunCause,
  RunSchedule,
  SchedulePartition,
} from '@pawl/core';
import { expectWon, retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';
import type { PipelineService } from '../pipeline/service.ts';
import type { Loop } from '../reactor/loop.ts';

export interface BackfillPorts {
  readonly database: Database;
  readonly pipelines: PipelineService;
  readonly calendar: Calendar;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
}

export interface BackfillRequest {
  readonly pipeline: string;
  /** Local dates, or dates with times, in the time zone. A date as the end is included, a time is not. */
  readonly from: string;
  readonly to: string;
  readonly unit: PartitionUnit;
  readonly timezone: string;
  readonly params: Readonly<Record<string, string>>;
  readonly concurrency: number;
  readonly order: Backfill['order'];
  readonly force: boolean;
  /** Tells one asking from another of the same. */
  readonly key: string;
  readonly actor: string;
}

export interface BackfillStatus {
  readonly backfill: Backfill;
  readonly counts: Readonly<Partial<Record<PartitionState, number>>>;
}

export interface BackfillService {
  /** What a request would run. Throws `backfill_invalid`, `pipeline_not_found`, `parameter_unknown`. */
  plan(request: BackfillRequest): Promise<readonly SchedulePartition[]>;
  /** Starts it, or gives the one that the same request made before. Throws as `plan`. */
  ask(request: BackfillRequest): Promise<BackfillStatus & { readonly created: boolean }>;
  /** Throws `backfill_not_found`. */
  get(id: string): Promise<BackfillStatus>;
  list(filter: { readonly pipeline?: string; readonly state?: BackfillState }, page: PageRequest): Promise<Page<Backfill>>;
  partitions(id: string, page: PageRequest): Promise<Page<BackfillPartition>>;
  /** Starts no further run; those under way go on. Throws `backfill_over`. */
  pause(id: string, actor: string): Promise<BackfillStatus>;
  /** Goes on, and runs what failed, was canceled or was refused again. */
  resume(id: string, actor: string): Promise<BackfillStatus>;
  /** Starts no further run, and stops those under way. */
  cancel(id: string, actor: string): Promise<BackfillStatus>;
}

/** Runs that a backfill had under way when it was canceled are stopped in pages of so many. */
const AT_ONCE = 1000;

export function createBackfillService(ports: BackfillPorts): BackfillService {
  const { database, pipelines, calendar, clock, hash } = ports;

  const get = async (id: string): Promise<BackfillStatus> => {
    const backfill = await database.read.backfills.get(id);
    if (backfill === undefined) throw fault('backfill_not_found', { id });
    return { backfill, counts: await database.read.backfills.counts(id) };
  };

  const plan = async (request: BackfillRequest) => {
    const { spec, specDigest } = await pipelines.get(request.pipeline);
    const known = parameterNames(spec);
    const parameter = Object.keys(request.params).find((name) => !known.includes(name));
    if (parameter !== undefined) throw fault('parameter_unknown', { pipeline: request.pipeline, parameter, known });
    const refuse = (problem: string): Error => fault('backfill_invalid', { pipeline: request.pipeline, problem });
    const problem = calendar.problem('* * * * *', request.timezone);
    if (problem !== undefined) throw refuse(`${problem}.`);
    const moment = (text: string): number => {
      const found = calendar.moment(text, request.timezone);
      if (found === undefined) throw refuse(`"${text}" is no date; write 2026-01-31 or 2026-01-31T13:00.`);
      return found;
    };
    const from = moment(request.from);
    const to = moment(request.to);
    const end = request.to.includes('T') ? to : (calendar.next('0 0 * * *', request.timezone, to) ?? to);
    if (end <= from) throw refuse(`it ends (${request.to}) before it begins (${request.from}).`);
    const partitions = toPartitions(calendar, request.unit, request.timezone, from, end);
    if (partitions.length === 0) throw refuse(`no ${request.unit} partition begins between ${request.from} and ${request.to}.`);
    if (partitions.length > MOST_PARTITIONS) throw refuse(`it has more than ${MOST_PARTITIONS} partitions; ask for a shorter range.`);
    return { partitions: request.order === 'newest' ? partitions.toReversed() : partitions, from, to: end, specDigest };
  };

  const change = async (
    id: string,
    actor: string,
    to: BackfillState,
    from: readonly BackfillState[],
    wanted: string,
  ): Promise<BackfillStatus> => {
    await retryOnConflict(`Backfill ${id}`, () =>
      database.transaction(async (tx) => {
        const backfill = await tx.backfills.get(id);
        if (backfill === undefined) throw fault('backfill_not_found', { id });
        if (backfill.state === to && to !== 'running') return;
        if (!from.includes(backfill.state)) throw fault('backfill_over', { id, state: backfill.state, wanted });
        if (to === 'running') await tx.backfills.reset(id);
        const endedAt = to === 'canceled' ? clock.now() : null;
        expectWon(await tx.backfills.update({ ...backfill, state: to, endedAt }, backfill.revision));
        await tx.events.append([
          toEvent(ports, 'backfill.changed', `backfill/${id}`, actor, { backfill: id, pipeline: backfill.pipeline, state: to }),
        ]);
      }),
    );
    return get(id);
  };

  return {
    get,
    plan: async (request) => (await plan(request)).partitions,
    async ask(request) {
      const { partitions, from, to, specDigest } = await plan(request);
      const { pipeline, unit, timezone, params, concurrency, order, force, key, actor } = request;
      // Whatever is not part of what the runs are: how many at once, and in which order.
      const id = hash(toCanonicalJson({ pipeline, specDigest, unit, timezone, from, to, params, force, key })).slice(7, 39);
      const backfill: Backfill = {
        id,
        pipeline,
        specDigest,
        unit,
        timezone,
        from,
        to,
        params,
        concurrency,
        order,
        force,
        state: 'running',
        actor,
        createdAt: clock.now(),
        endedAt: null,
        revision: 0,
      };
      const rows = partitions.map(({ name, start, end }, place): BackfillPartition => ({
        backfill: id,
        place,
        name,
        start,
        end,
        run: null,
        state: 'waiting',
        reason: '',
      }));
      const created = await database.transaction(async (tx) => {
        if (!(await tx.backfills.insert(backfill, rows))) return false;
        await tx.events.append([
          toEvent(ports, 'backfill.created', `backfill/${id}`, actor, { backfill: id, pipeline, partitions: rows.length, specDigest }),
        ]);
        return true;
      });
      return { ...(await get(id)), created };
    },
    list: (filter, page) => database.read.backfills.list(filter, page),
    async partitions(id, page) {
      await get(id);
      return database.read.backfills.partitions(id, page);
    },
    pause: (id, actor) => change(id, actor, 'paused', ['running'], 'paused'),
    resume: (id, actor) => change(id, actor, 'running', ['running', 'paused', 'ended', 'canceled'], 'resumed'),
    async cancel(id, actor) {
      await change(id, actor, 'canceled', ['running', 'paused'], 'canceled');
      for (const { run } of await database.read.backfills.first(id, 'running', AT_ONCE))
        if (run !== null) await pipelines.cancel(run, actor);
      return get(id);
    },
  };
}

const ACTOR = 'system:backfill';

/** Starts the runs of backfills, each no more at once than it may. A run's key is its partition: however often it is asked for, and whoever asks, it runs once for each definition. */
export function createBackfillRunner(ports: BackfillPorts): Loop {
  const { database, pipelines, calendar, clock, hash } = ports;

  const start = async (backfill: Backfill, partition: BackfillPartition): Promise<void> => {
    const settle = (change: Pick<BackfillPartition, 'state' | 'reason' | 'run'>) =>
      database.transaction((tx) => tx.backfills.settle({ ...partition, ...change }));
    const refuse = (reason: string) => settle({ state: 'refused', reason, run: null });
    const pipeline = await pipelines.get(backfill.pipeline);
    if (pipeline.specDigest !== backfill.specDigest) {
      await refuse('The definition of the pipeline changed since the backfill was asked for; ask again.');
      return;
    }
    const { unit, timezone, force, id } = backfill;
    const of = force ? id : hash(toCanonicalJson({ digest: backfill.specDigest, unit, timezone, params: backfill.params })).slice(7, 39);
    const key = `backfill/${of}/${partition.name}`;
    const earlier = await database.read.pipelines.runByKey(backfill.pipeline, key);
    if (earlier !== undefined) {
      await adopt(earlier, settle);
      return;
    }
    const schedule: RunSchedule = { scheduledFor: partition.end, start: partition.start, end: partition.end };
    const known = parameterNames(pipeline.spec);
    const fromSchedule = toScheduleParameters(calendar, timezone, schedule, known, partition.name, (moment) =>
      new Date(moment).toISOString(),
    );
    const note = `Partition ${partition.name} of backfill ${id}.`;
    const cause: RunCause = { type: 'backfill', actor: backfill.actor, key, event: null, note };
    try {
      const prepared = await pipelines.prepare({
        pipeline: backfill.pipeline,
        params: { ...fromSchedule, ...backfill.params },
        schedule,
        cause,
      });
      await database.transaction(async (tx) => {
        const { run } = await prepared.commit(tx);
        await tx.backfills.settle({ ...partition, run: run.id, state: 'running', reason: '' });
      });
    } catch (error) {
      if (!isFault(error) || error.kind !== 'user') throw error;
      await refuse(error.message);
    }
  };

  const adopt = async (
    earlier: PipelineRun,
    settle: (change: Pick<BackfillPartition, 'state' | 'reason' | 'run'>) => Promise<boolean>,
  ): Promise<void> => {
    if (earlier.state === 'succeeded') await settle({ state: 'skipped', reason: `Run ${earlier.id} succeeded before.`, run: null });
    else {
      if (earlier.state === 'failed' || earlier.state === 'canceled') await pipelines.retry(earlier.id, ACTOR);
      await settle({ state: 'running', reason: '', run: earlier.id });
    }
  };

  return {
    name: 'backfill',
    async tick() {
      let acted = false;
      for (const backfill of await database.read.backfills.running()) {
        const { waiting = 0, running = 0 } = await database.read.backfills.counts(backfill.id);
        if (waiting === 0 && running === 0) {
          const ended: Backfill = { ...backfill, state: 'ended', endedAt: clock.now() };
          await database.transaction(async (tx) => {
            if (!(await tx.backfills.update(ended, backfill.revision))) return;
            const data = { backfill: backfill.id, pipeline: backfill.pipeline, state: 'ended' };
            await tx.events.append([toEvent(ports, 'backfill.changed', `backfill/${backfill.id}`, ACTOR, data)]);
          });
          continue;
        }
        const free = Math.max(0, backfill.concurrency - running);
        if (free === 0 || waiting === 0) continue;
        for (const partition of await database.read.backfills.first(backfill.id, 'waiting', free)) {
          await start(backfill, partition);
          acted = true;
        }
      }
      return acted;
    },
  };
}
