import { addHistograms, addQuality, addToAdwin, adwinMean, createAdwin, noQuality, toHistograms, toQualityCounts } from '@pawl/core';
import type {
  Adwin,
  Clock,
  Database,
  DetectorState,
  Histograms,
  Ids,
  JsonObject,
  Log,
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
import { predictedLabel } from '../rollout/controller.ts';
import { moveAlert } from './alerts.ts';
import type { References } from './reference.ts';

export interface ObserverPorts {
  readonly database: Database;
  readonly references: References;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

interface Joined {
  readonly label: StoredLabel;
  readonly prediction: StoredPrediction;
}

const BATCH = 500;

/**
 * Counts predictions and labels into buckets, and feeds the detectors, each record exactly once: the cursor moves in the transaction that counts.
 */
export function createObserver(ports: ObserverPorts): Loop {
  const { database, references, log } = ports;

  const takePredictions = async (): Promise<boolean> => {
    const from = await database.read.events.cursor('monitor predictions');
    const predictions = await database.read.predictions.after(from, BATCH);
    const last = predictions.at(-1);
    if (last === undefined) return false;
    const additions: { spec: MonitorSpec; version: number; start: number; rows: number; histograms: Histograms }[] = [];
    for (const spec of await database.read.monitors.specs()) {
      for (const group of groupByBucket(
        spec,
        predictions.filter((one) => one.endpoint === spec.endpoint && one.code === 'ok'),
      )) {
        const profile = await profileOf(spec, group.rows);
        additions.push({
          spec,
          version: group.version,
          start: group.start,
          rows: group.rows.length,
          histograms:
            profile === undefined
              ? {}
              : toHistograms(
                  profile,
                  group.rows.map((row) => row.inputs),
                ),
        });
      }
    }
    await database.transaction(async (tx) => {
      if (!(await tx.events.moveCursor('monitor predictions', from, last.seq))) throw new Conflict();
      for (const { spec, version, start, rows, histograms } of additions)
        await addToBucket(tx, spec, version, start, rows, histograms, noQuality);
    });
    return true;
  };

  const profileOf = async (spec: MonitorSpec, rows: readonly StoredPrediction[]): Promise<Profile | undefined> => {
    const [first] = rows;
    const version = first === undefined ? undefined : await database.read.models.version(first.model, first.version);
    return first === undefined || version === undefined ? undefined : references.profile(spec, version, Object.keys(first.inputs));
  };

  const takeLabels = async (): Promise<boolean> => {
    const from = await database.read.events.cursor('monitor labels');
    const joined = await database.read.predictions.labelsAfter(from, BATCH);
    const last = joined.at(-1);
    if (last === undefined) return false;
    const specs = await database.read.monitors.specs();
    const stable = new Map((await database.read.rollouts.endpoints()).map((endpoint) => [endpoint.name, endpoint.stable]));
    await database.transaction(async (tx) => {
      if (!(await tx.events.moveCursor('monitor labels', from, last.label.seq))) throw new Conflict();
      for (const spec of specs) {
        const mine = joined.filter(({ prediction }) => prediction.endpoint === spec.endpoint && prediction.code === 'ok');
        for (const { version, start, quality } of qualityByBucket(spec, mine)) await addToBucket(tx, spec, version, start, 0, {}, quality);
        const version = stable.get(spec.endpoint);
        if (version !== null && version !== undefined)
          await feedAdwin(
            tx,
            spec,
            version,
            mine.filter(({ prediction }) => prediction.version === version),
          );
      }
    });
    return true;
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

  return {
    name: 'monitor observer',
    async tick() {
      try {
        const predictions = await takePredictions();
        const labels = await takeLabels();
        return predictions || labels;
      } catch (error) {
        if (error instanceof Conflict) return true;
        log.error({ err: error }, 'the monitor could not count what was served and will try again');
        return false;
      }
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
