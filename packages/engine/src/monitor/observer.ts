import {
  addHistograms,
  addQuality,
  addToAdwin,
  adwinMean,
  createAdwin,
  LABEL_READERS,
  monitorCursor,
  noQuality,
  PREDICTION_READERS,
  predictedLabel,
  toHistograms,
  toQualityCounts,
} from '@pawl/core';
import type {
  Adwin,
  Clock,
  Database,
  DetectorState,
  Histograms,
  Ids,
  JsonObject,
  MonitorBucket,
  MonitorSpec,
  Profile,
  QualityCounts,
  StoredLabel,
  StoredPrediction,
  Writers,
} from '@pawl/core';
import { Conflict, expectWon } from '../conflict.ts';
import type { Loop } from '../reactor/loop.ts';
import { moveAlert } from './alerts.ts';
import { followMonitors } from './follow.ts';
import type { References } from './reference.ts';

export interface ObserverPorts {
  readonly database: Database;
  readonly references: References;
  readonly clock: Clock;
  readonly ids: Ids;
}

interface Joined {
  readonly label: StoredLabel;
  readonly prediction: StoredPrediction;
}

const BATCH = 500;

/** Records in the order they were stored, and how a monitor counts some of them. */
interface Stream<T> {
  /** Also the name of the cursor up to which any monitor may read. */
  readonly name: string;
  read(after: number, limit: number): Promise<readonly T[]>;
  seq(record: T): number;
  /** Work before the transaction; gives what to write. */
  count(spec: MonitorSpec, records: readonly T[]): Promise<(tx: Writers) => Promise<void>>;
}

/**
 * Counts predictions and labels into buckets, and feeds the detectors, each record exactly once: a monitor's cursor moves in the transaction that counts. Each monitor has cursors
 * of its own, so that one that cannot count holds up no other and misses nothing.
 */
export function createObserver(ports: ObserverPorts): Loop {
  const { database, references } = ports;

  const predictions: Stream<StoredPrediction> = {
    name: PREDICTION_READERS.monitor,
    read: (after, limit) => database.read.predictions.after(after, limit),
    seq: (prediction) => prediction.seq,
    async count(spec, records) {
      const additions: { version: number; start: number; rows: number; histograms: Histograms }[] = [];
      const mine = records.filter((one) => one.endpoint === spec.endpoint && one.code === 'ok');
      for (const { version, start, rows } of groupByBucket(spec, mine)) {
        const profile = await profileOf(spec, rows);
        const inputs = rows.map((row) => row.inputs);
        additions.push({ version, start, rows: rows.length, histograms: profile === undefined ? {} : toHistograms(profile, inputs) });
      }
      return async (tx) => {
        for (const { version, start, rows, histograms } of additions)
          await addToBucket(tx, spec, version, start, rows, histograms, noQuality);
      };
    },
  };

  const profileOf = async (spec: MonitorSpec, rows: readonly StoredPrediction[]): Promise<Profile | undefined> => {
    const [first] = rows;
    const version = first === undefined ? undefined : await database.read.models.version(first.model, first.version);
    return first === undefined || version === undefined ? undefined : references.profile(spec, version, Object.keys(first.inputs));
  };

  const labels: Stream<Joined> = {
    name: LABEL_READERS.monitor,
    read: (after, limit) => database.read.predictions.labelsAfter(after, limit),
    seq: ({ label }) => label.seq,
    async count(spec, records) {
      const stable = (await database.read.rollouts.endpoint(spec.endpoint))?.stable ?? null;
      const mine = records.filter(({ prediction }) => prediction.endpoint === spec.endpoint && prediction.code === 'ok');
      return async (tx) => {
        for (const { version, start, quality } of qualityByBucket(spec, mine)) await addToBucket(tx, spec, version, start, 0, {}, quality);
        const ofStable = mine.filter(({ prediction }) => prediction.version === stable);
        if (stable !== null) await feedAdwin(tx, spec, stable, ofStable);
      };
    },
  };

  /** Feeds the errors of the version in Production, in the order labels were joined; corrections were counted in the buckets and are not fed twice. */
  const feedAdwin = async (tx: Writers, spec: MonitorSpec, version: number, joined: readonly Joined[]): Promise<void> => {
    const stored = await tx.monitors.detector(spec.name, version, 'adwin');
    let state = stored === undefined ? createAdwin({ delta: spec.quality.adwinDelta }) : (stored.state as unknown as Adwin);
    let fed = 0;
    for (const { label, prediction } of joined) {
      if (label.replaced !== null) continue;
      const before = adwinMean(state);
      const step = addToAdwin(state, predictedLabel(prediction) === label.value ? 0 : 1);
      state = step.state;
      fed++;
      const after = adwinMean(state);
      if (!step.drift || before === null || after === null || after <= before) continue;
      await moveAlert(ports, tx, {
        monitor: spec.name,
        kind: 'quality',
        version,
        level: 'proven',
        summary: `error rate of version ${version} rose from ${percent(before)} to ${percent(after)} (ADWIN, δ ${spec.quality.adwinDelta}, last ${state.width} labels)`,
        evidence: { detector: 'adwin', delta: spec.quality.adwinDelta, before, after, labels: state.width },
      });
    }
    if (fed === 0) return;
    const next: DetectorState = {
      monitor: spec.name,
      version,
      detector: 'adwin',
      state: state as unknown as JsonObject,
      revision: (stored?.revision ?? 0) + 1,
    };
    expectWon(await tx.monitors.putDetector(next, stored?.revision ?? null));
  };

  /** A monitor's own cursor is one more than the last record it counted, and 0 before it began: a monitor that is new counts from what comes next. */
  const ownCursor = (stream: string, spec: MonitorSpec): string => monitorCursor(stream, spec.name);

  /** Moves on the end of what may be read, where monitors that are new begin; gives the end. */
  const lead = async <T>(stream: Stream<T>, specs: readonly MonitorSpec[]): Promise<{ readonly end: number; readonly moved: boolean }> => {
    const from = await database.read.events.cursor(stream.name);
    const last = (await stream.read(from, BATCH)).at(-1);
    if (last === undefined) return { end: from, moved: false };
    const to = stream.seq(last);
    await database.transaction(async (tx) => {
      if (!(await tx.events.moveCursor(stream.name, from, to))) throw new Conflict();
      for (const spec of specs) {
        const own = ownCursor(stream.name, spec);
        if ((await tx.events.cursor(own)) === 0) expectWon(await tx.events.moveCursor(own, 0, from + 1));
      }
    });
    return { end: to, moved: true };
  };

  const follow = async <T>(stream: Stream<T>, spec: MonitorSpec, end: number): Promise<boolean> => {
    const name = ownCursor(stream.name, spec);
    const own = await database.read.events.cursor(name);
    if (own === 0 || own > end) return false;
    const records = (await stream.read(own - 1, BATCH)).filter((record) => stream.seq(record) <= end);
    const last = records.at(-1);
    const write = await stream.count(spec, records);
    await database.transaction(async (tx) => {
      if (!(await tx.events.moveCursor(name, own, (last === undefined ? end : stream.seq(last)) + 1))) throw new Conflict();
      await write(tx);
    });
    return true;
  };

  return {
    name: 'monitor observer',
    async tick() {
      try {
        const specs = await database.read.monitors.specs();
        const [served, labelled] = [rereadable(predictions), rereadable(labels)];
        const predicted = await lead(served, specs);
        const joined = await lead(labelled, specs);
        const counted = await followMonitors(specs, async (spec) => {
          const more = await follow(served, spec, predicted.end);
          return (await follow(labelled, spec, joined.end)) || more;
        });
        return predicted.moved || joined.moved || counted;
      } catch (error) {
        if (error instanceof Conflict) return true;
        throw error;
      }
    },
  };
}

/** Keeps what was read last: monitors that stand at one place, as nearly all do, read it once. */
function rereadable<T>(stream: Stream<T>): Stream<T> {
  let held: { readonly after: number; readonly records: readonly T[] } | undefined;
  return {
    ...stream,
    async read(after, limit) {
      if (held?.after !== after) held = { after, records: await stream.read(after, limit) };
      return held.records;
    },
  };
}

export function bucketStart(spec: MonitorSpec, time: number): number {
  return Math.floor(time / spec.bucketMs) * spec.bucketMs;
}

function groupByBucket(spec: MonitorSpec, predictions: readonly StoredPrediction[]) {
  const groups = new Map<string, { version: number; start: number; rows: StoredPrediction[] }>();
  for (const one of predictions) {
    const start = bucketStart(spec, one.time);
    const key = `${one.version} ${start}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { version: one.version, start, rows: [one] });
    else group.rows.push(one);
  }
  return groups.values();
}

function qualityByBucket(spec: MonitorSpec, joined: readonly Joined[]) {
  const groups = new Map<string, { version: number; start: number; quality: QualityCounts }>();
  for (const { label, prediction } of joined) {
    const start = bucketStart(spec, prediction.time);
    const key = `${prediction.version} ${start}`;
    const predicted = predictedLabel(prediction);
    let quality = addQuality(groups.get(key)?.quality ?? noQuality, toQualityCounts(predicted, label.value));
    if (label.replaced !== null) quality = addQuality(quality, toQualityCounts(predicted, label.replaced, -1));
    groups.set(key, { version: prediction.version, start, quality });
  }
  return groups.values();
}

async function addToBucket(
  tx: Writers,
  spec: MonitorSpec,
  version: number,
  start: number,
  rows: number,
  histograms: Histograms,
  quality: QualityCounts,
): Promise<void> {
  const [stored] = await tx.monitors.buckets(spec.name, version, start, start + 1);
  const bucket: MonitorBucket = {
    monitor: spec.name,
    version,
    start,
    rows: (stored?.rows ?? 0) + rows,
    histograms: addHistograms((stored?.histograms ?? {}) as unknown as Histograms, histograms) as unknown as JsonObject,
    quality: addQuality(stored?.quality ?? noQuality, quality),
    revision: (stored?.revision ?? 0) + 1,
  };
  expectWon(await tx.monitors.putBucket(bucket, stored?.revision ?? null));
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
