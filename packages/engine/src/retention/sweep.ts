import { judgePrediction, predictionCut, readPositions, toReader } from '@pawl/core';
import type { Clock, Database, GcLine, Hold, LogKind, MonitorSpec, Need, RetentionPolicy } from '@pawl/core';
import { rowsOf } from '../gc/pages.ts';
import { Tally } from '../gc/tally.ts';

export interface SweepPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly retention: RetentionPolicy;
}

/** Rows looked at, and removed, in one transaction: others wait for it. */
const BATCH = 500;
const LOG_ROWS = 2000;

/** Windows that a monitor judges again for late labels, beyond those that decide on drift; with one to spare. */
const LOOK_BACK = 3;

/**
 * Removes predictions, events and logs that are older than is to be kept and that nobody needs any more, a batch between two steps; gives what went and what stays, by kind. Each batch is
 * whole by itself. A rehearsal (`dryRun`) only counts.
 */
export async function* sweepOld(ports: SweepPorts, dryRun: boolean): AsyncGenerator<string, readonly GcLine[]> {
  return [
    yield* sweepPredictions(ports, dryRun),
    yield* sweepLabels(ports, dryRun),
    yield* sweepEvents(ports, dryRun),
    yield* sweepLogs(ports, 'console log', dryRun),
    yield* sweepLogs(ports, 'step log', dryRun),
  ].filter(({ removed, held }) => removed + held > 0);
}

async function* sweepPredictions(ports: SweepPorts, dryRun: boolean): AsyncGenerator<string, GcLine> {
  const { database, clock, retention } = ports;
  const { read } = database;
  const tally = new Tally('prediction');
  if (retention.predictionMs === null && retention.predictionRows === null) return tally.toLine();
  const monitors = await read.monitors.specs();
  const positions = readPositions(
    await read.retention.cursors(),
    monitors.map(({ name }) => name),
  );
  const needs = await findNeeds(ports, monitors);
  const cut = predictionCut(retention, clock.now(), (await read.retention.newest()).prediction, positions, needs);
  for (let after = 0; ;) {
    const rows = await read.retention.predictions(after, BATCH);
    const going: number[] = [];
    let young = 0;
    for (const row of rows) {
      const verdict = judgePrediction(cut, row);
      if (verdict === 'goes') going.push(row.seq);
      else if (verdict === 'stays') young++;
      else tally.holdMany(verdict);
    }
    const removed = dryRun ? going.length : await database.transaction((tx) => tx.retention.removePredictions(going, cut.labelsRead.seq));
    tally.add(removed, 0);
    // They are stored nearly in the order of time: after a whole batch of young ones nothing old follows.
    if (rows.length < BATCH || young === rows.length) return tally.toLine();
    after = rows.at(-1)?.seq ?? after;
    yield 'looking for old predictions';
  }
}

/** What looks back at predictions: rollouts under way, windows that late labels still change, alerts that are open. */
async function findNeeds({ database: { read }, clock }: SweepPorts, monitors: readonly MonitorSpec[]): Promise<readonly Need[]> {
  const needs: Need[] = [];
  for (const { name, rollout } of await read.rollouts.endpoints()) {
    const found = rollout === null ? undefined : await read.rollouts.get(rollout);
    if (found !== undefined) needs.push({ endpoint: name, from: found.startedAt, by: { kind: 'rollout', name: found.id } });
  }
  const lookBack = new Map<string, { readonly endpoint: string; readonly ms: number }>();
  for (const { name, endpoint, bucketMs, windowBuckets, drift } of monitors) {
    const ms = bucketMs * windowBuckets * (drift.of + LOOK_BACK);
    lookBack.set(name, { endpoint, ms });
    needs.push({ endpoint, from: clock.now() - ms, by: { kind: 'monitor', name } });
  }
  for (const state of ['pending', 'firing'] as const)
    for await (const alert of rowsOf((page) => read.alerts.list({ state }, page))) {
      const watched = lookBack.get(alert.monitor);
      const by: Hold = { kind: 'alert', name: `${alert.kind} of ${alert.monitor}` };
      if (watched !== undefined) needs.push({ endpoint: watched.endpoint, from: alert.pendingAt - watched.ms, by });
    }
  return needs;
}

/** A label whose prediction is gone, or never came, is waited with as long as a prediction is kept. */
async function* sweepLabels({ database, clock, retention }: SweepPorts, dryRun: boolean): AsyncGenerator<string, GcLine> {
  const tally = new Tally('label without prediction');
  if (retention.predictionMs === null) return tally.toLine();
  const before = clock.now() - retention.predictionMs;
  if (dryRun) {
    tally.add(await database.read.retention.waitingLabels(before), 0);
    return tally.toLine();
  }
  for (;;) {
    const removed = await database.transaction((tx) => tx.retention.removeWaitingLabels(before, BATCH));
    tally.add(removed, 0);
    if (removed < BATCH) return tally.toLine();
    yield 'looking for old labels';
  }
}

async function* sweepEvents({ database, clock, retention }: SweepPorts, dryRun: boolean): AsyncGenerator<string, GcLine> {
  const { read } = database;
  const tally = new Tally('event');
  if (retention.eventMs === null) return tally.toLine();
  const before = clock.now() - retention.eventMs;
  const { events: readTo } = readPositions(await read.retention.cursors(), []);
  // The newest stays: it holds the place where numbers go on.
  const newest = (await read.retention.newest()).event;
  for (let after = 0; ;) {
    const rows = await read.retention.events(after, BATCH);
    const old = rows.filter(({ seq, time }) => time < before && seq < newest);
    const going = old.filter(({ seq }) => seq <= readTo.seq).map(({ seq }) => seq);
    if (old.length > going.length) tally.holdMany(toReader(readTo), old.length - going.length);
    tally.add(dryRun ? going.length : await database.transaction((tx) => tx.retention.removeEvents(going)), 0);
    if (rows.length < BATCH || old.length === 0) return tally.toLine();
    after = rows.at(-1)?.seq ?? after;
    yield 'looking for old events';
  }
}

async function* sweepLogs({ database, clock, retention }: SweepPorts, kind: LogKind, dryRun: boolean): AsyncGenerator<string, GcLine> {
  const tally = new Tally(kind);
  if (retention.logMs === null) return tally.toLine();
  const before = clock.now() - retention.logMs;
  for (let after = ''; ;) {
    const owners = await database.read.retention.logs(kind, before, after, BATCH);
    for (const owner of owners) {
      while (!dryRun && (await database.transaction((tx) => tx.retention.removeLog(kind, owner, LOG_ROWS))) === LOG_ROWS)
        yield `removing a ${kind}`;
      tally.add(1, 0);
    }
    if (owners.length < BATCH) return tally.toLine();
    after = owners.at(-1) ?? after;
    yield `looking for old ${kind}s`;
  }
}
