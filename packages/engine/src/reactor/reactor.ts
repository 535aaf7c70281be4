import type { Database, Event, EventType, Log, Writers } from '@pawl/core';
import { Conflict } from '../conflict.ts';
import type { Loop } from './loop.ts';

const BATCH = 200;

/** Thrown by a handler whose event has to wait, for a back-off say: it is tried at a later tick, and nothing is logged. */
export class NotYet extends Error {
  override readonly name: string = 'NotYet';
}

export interface ReactorSpec {
  /** Also the name of its cursor: renaming a reactor makes it read from the start. */
  readonly name: string;
  readonly types: readonly EventType[];
  /**
   * Work before the transaction (models, tables, webhooks): at least once, so it must be idempotent by event id. Returns what to write, or undefined for nothing.
   * What it returns runs in the transaction that also moves the cursor: exactly once.
   */
  handle(event: Event): Promise<((tx: Writers) => Promise<void>) | undefined>;
}

/**
 * Reads events in order from its own cursor. After a crash it goes on where its last committed effect was. An event whose handling throws is retried at the next
 * tick, and holds back the later ones: order is part of the promise.
 */
export function createReactor(ports: { readonly database: Database; readonly log: Log }, spec: ReactorSpec): Loop {
  const { database, log } = ports;
  const wanted = new Set<EventType>(spec.types);
  let failed = { event: '', times: 0 };

  /** An event that fails at every tick is told at the first, second, fourth, … time: what stays broken must not fill the log. */
  const tellFailure = (event: Event, error: unknown): void => {
    failed = { event: event.id, times: failed.event === event.id ? failed.times + 1 : 1 };
    const { times } = failed;
    if ((times & (times - 1)) !== 0) return;
    log.error(
      { err: error, reactor: spec.name, event: event.id, type: event.type, times },
      'a reactor failed on an event and will try again',
    );
  };

  const move = (from: number, to: number, effect?: (tx: Writers) => Promise<void>): Promise<void> =>
    database.transaction(async (tx) => {
      if (!(await tx.events.moveCursor(spec.name, from, to))) throw new Conflict();
      await effect?.(tx);
    });

  return {
    name: `reactor ${spec.name}`,
    async tick() {
      let cursor = await database.read.events.cursor(spec.name);
      const events = await database.read.events.after(cursor, BATCH);
      let seen = cursor;
      for (const event of events) {
        if (!wanted.has(event.type)) {
          seen = event.seq;
          continue;
        }
        try {
          const effect = await spec.handle(event);
          await move(cursor, event.seq, effect);
          cursor = event.seq;
          seen = event.seq;
        } catch (error) {
          if (error instanceof Conflict) return true;
          if (error instanceof NotYet) return false;
          tellFailure(event, error);
          return false;
        }
      }
      try {
        if (seen > cursor) await move(cursor, seen);
      } catch (error) {
        // Another reactor of this name was faster.
        if (error instanceof Conflict) return true;
        throw error;
      }
      return events.length === BATCH;
    },
  };
}
