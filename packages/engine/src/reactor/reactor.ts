import type { Clock, Database, Event, EventType, Writers } from '@pawl/core';
import { Conflict } from '../conflict.ts';
import type { Loop } from './loop.ts';

const BATCH = 200;
const LEASE_MS = 60_000;

/** Thrown by a handler whose event has to wait, for a back-off say: it is tried at a later tick, and nothing is logged. */
export class NotYet extends Error {
  override readonly name: string = 'NotYet';
}

export interface Exclusive {
  /** Names the process; no two that run at once have one name. */
  readonly holder: string;
  readonly clock: Clock;
}

export interface ReactorSpec {
  /** Also the name of its cursor: renaming a reactor makes it read from the start. */
  readonly name: string;
  readonly types: readonly EventType[];
  /**
   * For effects outside the database, and for costly work: of all processes on one database only the holder of the reactor's lease handles. The lease outlives the event, so that a
   * holder that waits between attempts keeps its place; another takes over 60 s after the holder last handled.
   */
  readonly exclusive?: Exclusive;
  /**
   * Work before the transaction (models, tables, webhooks): at least once, so it must be idempotent by event id. Returns what to write, or undefined for nothing.
   * What it returns runs in the transaction that also moves the cursor: exactly once.
   */
  handle(event: Event): Promise<((tx: Writers) => Promise<void>) | undefined>;
}

/**
 * Reads events in order from its own cursor. After a crash it goes on where its last committed effect was. An event whose handling throws fails the tick, is
 * retried at the next, and holds back the later ones: order is part of the promise.
 */
export function createReactor(ports: { readonly database: Database }, spec: ReactorSpec): Loop {
  const { database } = ports;
  const wanted = new Set<EventType>(spec.types);

  const move = (from: number, to: number, effect?: (tx: Writers) => Promise<void>): Promise<void> =>
    database.transaction(async (tx) => {
      if (!(await tx.events.moveCursor(spec.name, from, to))) throw new Conflict();
      await effect?.(tx);
    });

  let heldUntil = -Infinity;

  /** Takes the lease, or renews it once half of it has passed; only called for a wanted event, so that an idle reactor writes nothing. */
  const hold = async ({ holder, clock }: Exclusive): Promise<'held' | 'taken' | 'refused'> => {
    const now = clock.now();
    if (now < heldUntil - LEASE_MS / 2) return 'held';
    const lease = await database.transaction((tx) => tx.leases.acquire(`reactor ${spec.name}`, holder, now, now + LEASE_MS));
    const kept = now < heldUntil;
    heldUntil = lease?.until ?? -Infinity;
    if (lease === undefined) return 'refused';
    return kept ? 'held' : 'taken';
  };

  /** The stored cursor as this process knows it, and the last event after it that is none of this reactor's: writing each of those down would cost more than reading them again. */
  let stored: number | undefined;
  let passed = 0;

  const store = async (to: number): Promise<boolean> => {
    try {
      await move(stored ?? 0, to);
      stored = to;
      return false;
    } catch (error) {
      stored = undefined;
      // Another reactor of this name was faster.
      if (error instanceof Conflict) return true;
      throw error;
    }
  };

  return {
    name: `reactor ${spec.name}`,
    wakes: wanted,
    async tick() {
      stored ??= await database.read.events.cursor(spec.name);
      const read = await database.read.events.after(Math.max(stored, passed), BATCH);
      const more = read.length === BATCH;
      if (!read.some(({ type }) => wanted.has(type))) {
        passed = Math.max(passed, stored, read.at(-1)?.seq ?? 0);
        const due = read.length === 0 || passed - stored >= BATCH;
        return passed > stored && due ? (await store(passed)) || more : more;
      }
      // Others of this name may have handled some of these.
      let cursor = await database.read.events.cursor(spec.name);
      stored = cursor;
      let seen = cursor;
      const handled = cursor;
      for (const event of read.filter(({ seq }) => seq > handled)) {
        if (!wanted.has(event.type)) {
          seen = event.seq;
          continue;
        }
        if (spec.exclusive !== undefined) {
          const lease = await hold(spec.exclusive);
          // Who held it before may have handled what was read above.
          if (lease !== 'held') return lease === 'taken';
        }
        try {
          const effect = await spec.handle(event);
          await move(cursor, event.seq, effect);
          cursor = event.seq;
          stored = event.seq;
          seen = event.seq;
        } catch (error) {
          if (error instanceof Conflict) return true;
          if (error instanceof NotYet) return false;
          throw new Error(`Event ${event.id} (${event.type}) could not be handled.`, { cause: error });
        }
      }
      passed = Math.max(passed, seen);
      return more;
    },
  };
}
