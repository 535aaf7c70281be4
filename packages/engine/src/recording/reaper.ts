import type { Clock, Database, Ids, Log, Recording } from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';
import type { Loop } from '../reactor/loop.ts';

export interface RecordingReaperPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

const BATCH = 100;
const PAUSE_MS = 2000;
const ACTOR = 'system:recording';

/**
 * Ends runs whose command nobody reports of any more: the program that ran it was killed, or its machine died. Whoever runs this, and however many do, the effect is the same.
 * A server that was away has heard of nobody: silence counts from its start at the earliest.
 */
export function createRecordingReaper(ports: RecordingReaperPorts): Loop {
  const { database, clock, log } = ports;
  let began: number | undefined;
  let lookAgain = 0;

  async function end(silent: Recording): Promise<boolean> {
    return database.transaction(async (tx) => {
      const stored = await tx.recordings.get(silent.run);
      if (stored?.state !== 'open' || stored.heardAt !== silent.heardAt) return false;
      await tx.recordings.put({ ...stored, state: 'lost' });
      if ((await tx.runs.head(silent.run))?.status !== 'running') return true;
      await tx.runs.update(silent.run, { status: 'killed', endedAt: stored.heardAt });
      await tx.events.append([toEvent(ports, 'run.ended', `run/${silent.run}`, ACTOR, { run: silent.run, status: 'killed' })]);
      return true;
    });
  }

  return {
    name: 'recordings',
    async tick() {
      const now = clock.now();
      began ??= now;
      if (now < lookAgain && now > lookAgain - 2 * PAUSE_MS) return false;
      lookAgain = now + PAUSE_MS;
      const silent = await database.read.recordings.silent(now, BATCH);
      let lost = 0;
      for (const recording of silent) {
        if (now - began < recording.leaseMs) continue;
        if (!(await retryOnConflict(`Run ${recording.run}`, () => end(recording)))) continue;
        lost += 1;
        log.warn({ run: recording.run, host: recording.host }, 'nothing is heard of a run any more; it counts as killed');
      }
      return lost === BATCH;
    },
  };
}
