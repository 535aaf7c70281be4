import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert, Log, MonitorSpec, PredictionRecord } from '@pawl/core';
import { createSimulatedClock } from '@pawl/drivers';
import { createRetentionLoop, createRolloutController } from '@pawl/engine';
import { openSqliteForTest } from '../../packages/drivers/conformance/harness.ts';

const DAY = 86_400_000;
const START = 1000 * DAY;

function prediction(id: string, time: number, endpoint: string): PredictionRecord {
  const of = { id, row: 0, endpoint, model: 'm', version: 1, rollout: null, arm: 'stable', time } as const;
  const rest = { candidateWeight: null, keyHash: null, requestId: null, latencyMs: 1, decided: true, code: 'ok', inputs: {}, outputs: {} };
  return { ...of, ...rest };
}

const monitor: MonitorSpec = {
  name: 'drift',
  endpoint: 'watched',
  bucketMs: DAY,
  windowBuckets: 1,
  minRows: 1,
  drift: { features: [], delta: 0.1, q: 0.05, flags: 1, of: 1 },
  quality: { adwinDelta: 0.002, maxErrorRate: null, maxFalsePositiveRate: null },
  webhook: null,
};

const alert: Alert = {
  id: 'a'.repeat(32),
  monitor: 'drift',
  kind: 'drift',
  version: 1,
  state: 'firing',
  pendingAt: START - 100 * DAY,
  firedAt: START - 100 * DAY,
  resolvedAt: null,
  summary: '',
  evidence: {},
  revision: 1,
};

test('what is old goes in batches, and what a reader or an open alert needs stays until it does not', async () => {
  const opened = await openSqliteForTest();
  const { database } = opened;
  try {
    const clock = createSimulatedClock(START);
    const told: object[] = [];
    const log: Log = { debug: () => {}, info: (fields) => void told.push(fields), warn: () => {}, error: () => {} };
    const retention = { predictionMs: 90 * DAY, predictionRows: null, eventMs: 90 * DAY, logMs: null };
    const loop = createRetentionLoop({ database, clock, log, holder: 'h', retention });
    const sweep = async (): Promise<number> => {
      clock.advanceTo(clock.now() + 3_600_000);
      let ticks = 1;
      while (await loop.tick()) ticks++;
      return ticks;
    };
    const left = async (endpoint: string): Promise<number> => (await database.read.predictions.count(endpoint)).predictions;
    await database.transaction(async (tx) => {
      await tx.monitors.putSpec(monitor);
      await tx.alerts.insert(alert);
      for (const [endpoint, days] of [
        ['plain', 200],
        ['watched', 101],
        ['plain', 1],
      ] as const)
        await tx.predictions.insert(
          Array.from({ length: 700 }, (_, index) => prediction(`${endpoint} ${days} ${index}`, START - days * DAY, endpoint)),
        );
      await tx.events.append(
        [200, 100, 1].map((days) => ({
          id: `e${days}`,
          type: 'model.created' as const,
          subject: 'model/m',
          time: START - days * DAY,
          actor: 'user:ann',
          data: {},
        })),
      );
      await tx.events.moveCursor('gate', 0, 1);
      // The controller of rollouts has begun, and stands before everything but the first hundred.
      await tx.events.moveCursor('rollout predictions', 0, 100);
    });
    assert.equal(await loop.tick(), false, 'a server that has just started has other things to do');

    assert.ok((await sweep()) > 3, 'in several batches');
    assert.deepEqual([await left('plain'), await left('watched')], [1300, 700]);
    assert.deepEqual(
      (await database.read.events.after(0, 10)).map(({ id }) => id),
      ['e100', 'e1'],
    );
    assert.deepEqual(told, [{ removed: { prediction: 100, event: 1 } }]);

    const controller = createRolloutController({ database, clock, ids: { next: () => 'x' }, models: {} as never });
    while (await controller.tick());
    await sweep();
    assert.deepEqual([await left('plain'), await left('watched')], [700, 700], 'the open alert keeps those of its endpoint');

    await database.transaction((tx) => tx.alerts.update({ ...alert, state: 'resolved', resolvedAt: clock.now(), revision: 2 }, 1));
    await sweep();
    assert.deepEqual([await left('plain'), await left('watched')], [700, 0]);
  } finally {
    await opened.close();
  }
});
