import type { Blobs, Digest, DigestSet } from '@pawl/core';
import { Tally } from './tally.ts';

export interface ContentSweep {
  readonly tally: Tally;
  readonly waiting: { count: number; bytes: number };
  readonly kept: { count: number; bytes: number };
}

/**
 * Removes stored content that is not marked and that nobody has put or asked for within the grace period, nor since `markedFor` milliseconds ago, when the marking
 * began: what a client put after that may have been entered in a record that was not read.
 */
export async function sweepContent(
  blobs: Blobs,
  marks: DigestSet,
  options: { readonly graceMs: number; readonly markedFor: () => number; readonly dryRun: boolean },
  beat: (done: string) => Promise<void>,
): Promise<ContentSweep> {
  const tally = new Tally('content');
  const waiting = { count: 0, bytes: 0 };
  const kept = { count: 0, bytes: 0 };
  let looked = 0;
  const idleMs = (): number => Math.max(options.graceMs, options.markedFor());
  const keep = (digest: Digest): boolean => marks.has(digest);
  for await (const { digest, size, outcome } of blobs.sweep({ keep, idleMs, dryRun: options.dryRun })) {
    if (++looked % 200 === 0) await beat(`looked at ${looked} pieces of content`);
    if (outcome === 'removed') tally.remove({ id: digest, name: digest }, size);
    else {
      const account = outcome === 'kept' ? kept : waiting;
      account.count++;
      account.bytes += size;
    }
  }
  return { tally, waiting, kept };
}
