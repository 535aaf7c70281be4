import { join } from 'node:path';

/** Segments are numbered from 1 and named so that they sort; a number is never used twice while its folder lives. */
export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(12, '0')}.jsonl`);
}

/** Numbers of the segments among a folder's names, ascending. */
export function segmentNumbers(names: readonly string[]): readonly number[] {
  return names
    .flatMap((name) => /^(\d{12})\.jsonl$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** How far a spool was read: everything before `offset` (bytes) of `segment`, and every segment before it. */
export interface SpoolPosition {
  readonly segment: number;
  readonly offset: number;
}

export function fromSpoolPosition(text: string | undefined): SpoolPosition {
  const match = /^(\d+):(\d+)$/.exec(text ?? '');
  return { segment: Number(match?.[1] ?? 0), offset: Number(match?.[2] ?? 0) };
}

export function toSpoolPosition({ segment, offset }: SpoolPosition): string {
  return `${segment}:${offset}`;
}
