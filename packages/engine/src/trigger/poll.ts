import { dueFires, jitterOf, nextFire, toCanonicalJson } from '@pawl/core';
import type { ScheduleSource, TriggerArrival, TriggerSpec, TriggerState, Writers } from '@pawl/core';
import { isAbsolute, join } from '../path.ts';
import type { Loop } from '../reactor/loop.ts';
import { arrive, decide } from './arrive.ts';
import type { TriggerPollPorts } from './ports.ts';

/** Between two looks at a folder, and at new labels. */
const LOOK_MS = 2000;
const LABELS_AT_ONCE = 1000;
/** Files of a folder that are looked at. */
const MOST_FILES = 10_000;

/** Moves a trigger's memory, made anew where its source is another than before. False when somebody else was faster. */
async function remember(
  tx: Writers,
  spec: TriggerSpec,
  known: TriggerState | undefined,
  change: Partial<Pick<TriggerState, 'nextFire' | 'labelsSeq' | 'labelsCount'>>,
): Promise<boolean> {
  const source = toCanonicalJson(spec.on);
  const base =
    known?.source === source
      ? known
      : { trigger: spec.name, source, nextFire: null, labelsSeq: 0, labelsCount: 0, secret: known?.secret ?? null, revision: 0 };
  return tx.triggers.putState({ ...base, ...change }, known?.revision);
}

/** What comes by itself and is told by nobody: moments of schedules, labels, files. All it knows is in the database; a restart only makes it look again. */
export function createTriggerPoll(ports: TriggerPollPorts): Loop {
  const { database, clock, calendar } = ports;
  const looked = new Map<string, number>();
  const files = createFileLook(ports);

  const isDue = (trigger: string, now: number): boolean => {
    const last = looked.get(trigger);
    // A clock that stepped back must not keep it from looking.
    if (last !== undefined && now >= last && now - last < LOOK_MS) return false;
    looked.set(trigger, now);
    return true;
  };

  const fire = async (spec: TriggerSpec, on: ScheduleSource, state: TriggerState | undefined): Promise<boolean> => {
    const now = clock.now();
    if (state?.source !== toCanonicalJson(on)) {
      const first = nextFire(calendar, on, now) ?? null;
      await database.transaction((tx) => remember(tx, spec, state, { nextFire: first }));
      return true;
    }
    if (state.nextFire === null || state.nextFire > now) return false;
    const { fires, missed, next } = dueFires(calendar, on, state.nextFire, now);
    return database.transaction(async (tx) => {
      if (!(await remember(tx, spec, state, { nextFire: next }))) return true;
      for (const schedule of fires) {
        const { scheduledFor } = schedule;
        const moment = new Date(scheduledFor).toISOString();
        await arrive(tx, ports, spec, {
          event: `schedule/${moment}`,
          key: moment,
          note: `Scheduled for ${moment}.`,
          content: { id: moment, type: 'schedule', source: spec.name, subject: moment, data: { ...schedule } },
          schedule,
          dueAt: scheduledFor + jitterOf(on, spec.name, scheduledFor),
        });
      }
      if (missed !== null) await passOver(tx, ports, spec, on, missed);
      return true;
    });
  };

  const countLabels = async (spec: TriggerSpec, endpoint: string, count: number, known: TriggerState | undefined): Promise<boolean> => {
    const state = known?.source === toCanonicalJson(spec.on) ? known : undefined;
    if (state !== undefined && !isDue(spec.name, clock.now())) return false;
    const from = state?.labelsSeq ?? 0;
    const labels = await database.read.predictions.labelsAfter(from, LABELS_AT_ONCE);
    if (labels.length === 0 && state !== undefined) return false;
    const seq = labels.at(-1)?.label.seq ?? from;
    const total = (state?.labelsCount ?? 0) + labels.filter(({ label }) => label.endpoint === endpoint && label.replaced === null).length;
    const enough = total >= count;
    await database.transaction(async (tx) => {
      if (!(await remember(tx, spec, known, { labelsSeq: seq, labelsCount: enough ? 0 : total })) || !enough) return;
      await arrive(tx, ports, spec, {
        event: `labels/${endpoint}/${seq}`,
        key: `labels/${endpoint}/${seq}`,
        note: `${total} new labels of endpoint "${endpoint}".`,
        content: { id: String(seq), type: 'labels', source: endpoint, subject: endpoint, data: { endpoint, count: total } },
      });
    });
    const isMore = labels.length === LABELS_AT_ONCE;
    if (isMore) looked.delete(spec.name);
    return isMore || enough;
  };

  return {
    name: 'trigger poll',
    async tick() {
      const specs = (await database.read.triggers.list()).filter(({ on }) => ['schedule', 'labels', 'file'].includes(on.kind));
      if (specs.length === 0) return false;
      const states = new Map((await database.read.triggers.states()).map((state) => [state.trigger, state]));
      let acted = false;
      for (const spec of specs) {
        const { on } = spec;
        const state = states.get(spec.name);
        if (on.kind === 'schedule') acted = (await fire(spec, on, state)) || acted;
        else if (on.kind === 'labels') acted = (await countLabels(spec, on.endpoint, on.count, state)) || acted;
        else if (on.kind === 'file' && isDue(spec.name, clock.now())) acted = (await files.look(spec, on)) || acted;
      }
      return acted;
    },
  };
}

/** Missed moments are told once, in one decision. */
async function passOver(
  tx: Writers,
  ports: TriggerPollPorts,
  spec: TriggerSpec,
  on: ScheduleSource,
  missed: { readonly from: number; readonly to: number },
): Promise<void> {
  const [from, to] = [missed.from, missed.to].map((moment) => new Date(moment).toISOString());
  const limit = on.catchUp === 'all' ? ` with a limit of ${on.catchUpLimit}` : '';
  const span = from === to ? `The moment ${from} was missed` : `The moments from ${from} to ${to} were missed`;
  const reason = `${span}; catch-up is "${on.catchUp}"${limit}.`;
  const row: TriggerArrival = {
    id: ports.ids.next(),
    trigger: spec.name,
    event: `missed/${from}`,
    group: '',
    key: '',
    note: reason,
    content: {},
    schedule: null,
    at: ports.clock.now(),
    dueAt: ports.clock.now(),
    state: 'dropped',
    stage: 'missed',
    reason,
    run: null,
  };
  if (await tx.arrivals.insert(row)) await decide(tx, ports, spec, [row], 'dropped', 'missed', reason, null);
}

interface FileLook {
  look(spec: TriggerSpec, on: Extract<TriggerSpec['on'], { kind: 'file' }>): Promise<boolean>;
}

function createFileLook(ports: TriggerPollPorts): FileLook {
  const { database, clock, folderWatch } = ports;
  /** By trigger and file: what it was, and since when it is so; Infinity once it was told. */
  const known = new Map<string, Map<string, { readonly mark: string; readonly since: number }>>();

  return {
    async look(spec, { folder, pattern, stableMs }) {
      const pipeline = await database.read.pipelines.get(spec.pipeline);
      if (pipeline === undefined) return false;
      const place = isAbsolute(folder) ? folder : join(pipeline.root, folder);
      const before = known.get(`${spec.name} ${place}`);
      const after = new Map<string, { readonly mark: string; readonly since: number }>();
      known.set(`${spec.name} ${place}`, after);
      let acted = false;
      for (const { name, bytes, modified } of await folderWatch.list(place, pattern, MOST_FILES)) {
        const mark = `${bytes} ${modified}`;
        const seen = before?.get(name);
        const since = seen?.mark === mark ? seen.since : clock.now();
        after.set(name, { mark, since });
        if (since === Infinity || clock.now() - since < stableMs) continue;
        const event = `file/${name}/${bytes}/${modified}`;
        if (!(await database.read.arrivals.has(spec.name, event))) {
          const data = { path: join(place, name), folder: place, name, bytes, modified: new Date(modified).toISOString() };
          await database.transaction((tx) =>
            arrive(tx, ports, spec, {
              event,
              key: event,
              note: `File "${name}" of ${bytes} bytes came to ${folder}.`,
              content: { id: event, type: 'file', source: folder, subject: name, data },
            }),
          );
          acted = true;
        }
        after.set(name, { mark, since: Infinity });
      }
      return acted;
    },
  };
}
