import { addHistograms, addQuality, brokenLimits, errorRate, judgeDrift, labelledRows, noQuality, persistentFeatures } from '@pawl/core';
import type {
  Clock,
  Database,
  FeatureDrift,
  Histograms,
  Ids,
  MonitorBucket,
  MonitorSpec,
  MonitorWindow,
  Profile,
  Writers,
} from '@pawl/core';
import { toEvent } from '../event.ts';
import type { Loop } from '../reactor/loop.ts';
import { closeAlert, moveAlert } from './alerts.ts';
import { followMonitors } from './follow.ts';
import type { References } from './reference.ts';

export interface WindowPorts {
  readonly database: Database;
  readonly references: References;
  readonly clock: Clock;
  readonly ids: Ids;
}

const SHOWN = 5;

/** Windows looked at again beyond those that decide on drift: late rows and labels still count in them. */
const LATE = 2;

/** Judges each window of the version in Production once its event time has passed, and again when late rows or labels changed it. */
export function createWindowJudge(ports: WindowPorts): Loop {
  const { database, references, clock } = ports;
  /** By monitor: the version in Production, and what each of its windows was last judged on, so that a changed one is judged again. */
  const judged = new Map<string, { readonly version: number; readonly windows: Map<number, number> }>();

  const judge = async (spec: MonitorSpec, version: number, start: number, buckets: readonly MonitorBucket[]): Promise<void> => {
    const windowMs = spec.bucketMs * spec.windowBuckets;
    const rows = buckets.reduce((sum, bucket) => sum + bucket.rows, 0);
    const quality = buckets.reduce((sum, bucket) => addQuality(sum, bucket.quality), noQuality);
    const histograms = buckets.reduce<Histograms>((sum, bucket) => addHistograms(sum, bucket.histograms as unknown as Histograms), {});
    const profile = rows < spec.minRows ? undefined : await profileOf(spec, version, Object.keys(histograms));
    const drift: readonly FeatureDrift[] = profile === undefined ? [] : judgeDrift(spec.drift, profile, histograms);
    const status = profile === undefined ? 'not_enough_data' : drift.some((one) => one.flagged) ? 'drift' : 'ok';
    await database.transaction(async (tx) => {
      // As many as are ever looked at again, so that a restart, which looks at all of them, finds each as it was judged.
      const known = await tx.monitors.windows(spec.name, version, spec.drift.of + LATE + 1);
      const before = known.find((other) => other.start === start);
      const revised = before !== undefined && (before.revised || before.rows !== rows);
      const window: MonitorWindow = { monitor: spec.name, version, start, end: start + windowMs, rows, status, drift, quality, revised };
      await tx.monitors.putWindow(window);
      if (status === 'drift' && before?.status !== 'drift') await tellDrift(tx, window);
      const history = [window, ...known.filter((other) => other !== before)].toSorted((a, b) => b.start - a.start);
      if (history[0] === window) await moveDriftAlert(tx, spec, history);
      // Only the newest window that its labels can speak for: an old one that was bad has had its alert.
      if (history.find((one) => hasLabels(spec, one)) === window) await moveQualityAlert(tx, spec, window);
    });
  };

  const profileOf = async (spec: MonitorSpec, number: number, inputs: readonly string[]): Promise<Profile | undefined> => {
    const endpoint = await database.read.rollouts.endpoint(spec.endpoint);
    const version = endpoint === undefined ? undefined : await database.read.models.version(endpoint.model, number);
    return version === undefined ? undefined : references.profile(spec, version, inputs);
  };

  const tellDrift = (tx: Writers, window: MonitorWindow): Promise<void> =>
    tx.events.append([
      toEvent(ports, 'drift.detected', `monitor/${window.monitor}`, 'system:monitor', {
        monitor: window.monitor,
        version: window.version,
        start: window.start,
        end: window.end,
        rows: window.rows,
        features: window.drift.filter((one) => one.flagged).map((one) => one.feature),
      }),
    ]);

  const moveDriftAlert = async (tx: Writers, spec: MonitorSpec, history: readonly MonitorWindow[]): Promise<void> => {
    const [newest] = history;
    // Missing data never resolves an alert.
    if (newest === undefined || newest.status === 'not_enough_data') return;
    const persistent = persistentFeatures(spec.drift, history);
    const flagged = newest.drift.filter((one) => one.flagged);
    const shown = flagged.filter((one) => persistent.length === 0 || persistent.includes(one.feature)).slice(0, SHOWN);
    const list = shown.map((one) => `${one.feature} ${one.effect.toFixed(2)} [${one.low.toFixed(2)}, ${one.high.toFixed(2)}]`).join(', ');
    await moveAlert(ports, tx, {
      monitor: spec.name,
      kind: 'drift',
      version: newest.version,
      level: persistent.length > 0 ? 'proven' : flagged.length > 0 ? 'suspect' : 'quiet',
      summary:
        flagged.length === 0
          ? 'a window without drift'
          : `${persistent.length > 0 ? `${persistent.length} features drifted in ${spec.drift.flags} of ${spec.drift.of} windows` : `${flagged.length} features drifted in one window`}: ${list} (PSI with 95 % interval, ${newest.rows} rows)`,
      evidence: {
        rows: newest.rows,
        start: newest.start,
        end: newest.end,
        features: shown.map((one) => ({ feature: one.feature, effect: one.effect, low: one.low, high: one.high, adjusted: one.adjusted })),
      },
    });
  };

  /** Labels had a window's time to arrive, and enough came: the caller judges a window again when its labels changed it. */
  const hasLabels = (spec: MonitorSpec, window: MonitorWindow): boolean =>
    clock.now() >= window.end + spec.bucketMs * spec.windowBuckets && labelledRows(window.quality) >= spec.minRows;

  const moveQualityAlert = async (tx: Writers, spec: MonitorSpec, window: MonitorWindow): Promise<void> => {
    const broken = brokenLimits(spec.quality, window.quality);
    const open = await tx.alerts.open(spec.name, 'quality');
    const before = typeof open?.evidence['before'] === 'number' ? open.evidence['before'] : null;
    const rate = errorRate(window.quality);
    const recovered = window.start >= (open?.firedAt ?? 0) && broken.length === 0 && (before === null || (rate !== null && rate <= before));
    if (broken.length === 0 && !recovered) return;
    await moveAlert(ports, tx, {
      monitor: spec.name,
      kind: 'quality',
      version: window.version,
      level: broken.length > 0 ? 'proven' : 'quiet',
      summary: broken.length > 0 ? broken.join('; ') : 'a whole window is back at the error rate of before',
      evidence: { start: window.start, end: window.end, before, ...window.quality },
    });
  };

  /** An alert speaks of one version: once another answers, it has been acted on. */
  const closeReplaced = async (spec: MonitorSpec, version: number): Promise<void> => {
    for (const kind of ['drift', 'quality']) {
      const open = await database.read.alerts.open(spec.name, kind);
      if (open === undefined || open.version === version) continue;
      await database.transaction(async (tx) => {
        const current = await tx.alerts.open(spec.name, kind);
        if (current !== undefined && current.version !== version) await closeAlert(ports, tx, current, `version ${version} took over`);
      });
    }
  };

  const judgeMonitor = async (spec: MonitorSpec): Promise<boolean> => {
    const endpoint = await database.read.rollouts.endpoint(spec.endpoint);
    if (endpoint === undefined || endpoint.stable === null) return false;
    const version = endpoint.stable;
    await closeReplaced(spec, version);
    const windowMs = spec.bucketMs * spec.windowBuckets;
    // Far enough back for labels that come late; older windows stand as they were judged.
    const from = Math.floor(clock.now() / windowMs) * windowMs - windowMs * (spec.drift.of + LATE);
    const revisions = new Map<number, number>();
    for (const bucket of await database.read.monitors.bucketRevisions(spec.name, version, from, clock.now())) {
      const start = Math.floor(bucket.start / windowMs) * windowMs;
      if (start + windowMs <= clock.now()) revisions.set(start, (revisions.get(start) ?? 0) + bucket.revision);
    }
    const memory = judged.get(spec.name);
    const windows = memory?.version === version ? memory.windows : new Map<number, number>();
    judged.set(spec.name, { version, windows });
    for (const start of windows.keys()) if (!revisions.has(start)) windows.delete(start);
    let acted = false;
    for (const [start, revision] of revisions) {
      // Two looks: when the window has passed, and when its labels had as long again to arrive; then whenever it changes.
      const fingerprint = revision * 2 + (clock.now() >= start + 2 * windowMs ? 1 : 0);
      if (windows.get(start) === fingerprint) continue;
      await judge(spec, version, start, await database.read.monitors.buckets(spec.name, version, start, start + windowMs));
      windows.set(start, fingerprint);
      acted = true;
    }
    return acted;
  };

  return {
    name: 'window judge',
    async tick() {
      return followMonitors(await database.read.monitors.specs(), judgeMonitor);
    },
  };
}
