import { fault } from '@pawl/core';
import type { Blobs, GcLine, GcOptions, GcRun } from '@pawl/core';
import { sweepOld } from '../retention/sweep.ts';
import type { SweepPorts } from '../retention/sweep.ts';
import type { Collector, Found } from './collector.ts';
import { sweepContent } from './content.ts';
import { markBlobs } from './references.ts';
import type { BlobReferences, Condemned } from './references.ts';
import { Tally } from './tally.ts';

export interface CollectPorts extends SweepPorts {
  readonly blobs: Blobs;
  readonly references: readonly BlobReferences[];
  /** In the order they run: what belongs to another goes before it. */
  readonly collectors: readonly Collector[];
}

const LEASE = 'gc';
const LEASE_MS = 60_000;
/** How often, at most, a collection says where it is. */
const BEAT_MS = 1000;

/** Takes the lease of collections, or renews it; false when another has it. */
export async function holdLease({ database, clock }: Pick<CollectPorts, 'database' | 'clock'>, holder: string): Promise<boolean> {
  const now = clock.now();
  return (await database.transaction((tx) => tx.leases.acquire(LEASE, holder, now, now + LEASE_MS))) !== undefined;
}

export async function dropLease({ database }: Pick<CollectPorts, 'database'>, holder: string): Promise<void> {
  await database.transaction((tx) => tx.leases.release(LEASE, holder));
}

/**
 * Removes what was deleted, then content that no record names. Each removal is whole by itself, so a collection that dies anywhere leaves a consistent store, and the next one
 * goes on. `holder` holds the lease; `show` is told where it stands. Throws `gc_lost`, `gc_unreadable`.
 */
export async function collect(ports: CollectPorts, started: GcRun, show: (run: GcRun) => Promise<void>): Promise<GcRun> {
  const { blobs, clock } = ports;
  const { options } = started;
  let run = started;
  let beaten = -Infinity;

  const beat = async (phase: string, change: Partial<GcRun> = {}): Promise<void> => {
    const now = clock.now();
    run = { ...run, ...change, phase };
    if (now - beaten < BEAT_MS && Object.keys(change).length === 0) return;
    beaten = now;
    if (!(await holdLease(ports, started.id))) throw fault('gc_lost', {});
    await show(run);
  };

  const condemned = new Set<string>();
  const lines: GcLine[] = [];
  for (const collector of ports.collectors) {
    await beat(`looking for ${collector.kind}s`);
    lines.push(await collectKind(collector, options, clock.now(), condemned, beat));
    await beat(`looked for ${collector.kind}s`, { lines: lines.slice() });
  }
  const sweep = sweepOld(ports, options.dryRun);
  for (let step = await sweep.next(); ; step = await sweep.next()) {
    if (step.done === true) {
      lines.push(...step.value);
      break;
    }
    await beat(step.value);
  }
  await beat('reading what is referred to');
  const marked = clock.now();
  const marks = await markBlobs(ports.references, options.dryRun ? condemned : new Set());
  const content = await sweepContent(
    blobs,
    marks,
    { graceMs: options.graceMs, markedFor: () => clock.now() - marked + 1000, dryRun: options.dryRun },
    beat,
  );
  lines.push(content.tally.toLine());
  return { ...run, lines, waiting: content.waiting, kept: content.kept, state: 'done', phase: 'done', endedAt: clock.now() };
}

async function collectKind(
  collector: Collector,
  { dryRun, olderThanMs }: GcOptions,
  now: number,
  condemned: Set<string>,
  beat: (phase: string) => Promise<void>,
): Promise<GcLine> {
  const tally = new Tally(collector.kind);
  const known: Condemned = dryRun ? condemned : new Set();
  let looked = 0;
  const settle = async ({ garbage, hold, owner, bytes = 0 }: Found): Promise<void> => {
    if (hold !== undefined) tally.hold(garbage, hold);
    else if (dryRun || (await collector.remove(garbage))) {
      tally.remove(garbage, bytes);
      if (dryRun && owner !== undefined) condemned.add(owner);
    }
  };
  for await (const found of collector.find({ now, olderThanMs, condemned: known })) {
    await settle(found);
    if (++looked % 20 === 0) await beat(`looked at ${looked} ${collector.kind}s`);
  }
  if (!dryRun) await collector.finish?.();
  return tally.toLine();
}
