import { parentsOf } from '../artifact/path.ts';
import { byPath } from './manifest.ts';
import type { Manifest, ManifestEntry } from './types.ts';

/** Whose file is taken where both sides changed one; null: then they conflict. */
export type Preference = 'ours' | 'theirs' | null;

export interface Merged {
  readonly manifest: Manifest;
  /** Paths that both sides changed, each in its own way, by path. Empty when one side is preferred. */
  readonly conflicts: readonly string[];
}

/** Three-way merge by path: what one side changed since the base wins over what the other left alone. All three in canonical form. */
export function mergeManifests(base: Manifest, ours: Manifest, theirs: Manifest, prefer: Preference): Merged {
  const [was, mine, other] = [base, ours, theirs].map(({ entries }) => new Map(entries.map((entry) => [entry.path, entry])));
  const merged: ManifestEntry[] = [];
  const conflicts = new Set<string>();
  for (const path of new Set([...(mine?.keys() ?? []), ...(other?.keys() ?? [])])) {
    const [before, left, right] = [was?.get(path), mine?.get(path), other?.get(path)];
    if (isSame(left, right) || isSame(right, before)) add(merged, left);
    else if (isSame(left, before)) add(merged, right);
    else if (prefer === null) conflicts.add(path);
    else add(merged, prefer === 'ours' ? left : right);
  }
  const kept = settleFolders(merged, mine ?? new Map(), prefer, conflicts);
  return { manifest: { entries: kept.toSorted(byPath) }, conflicts: Array.from(conflicts).toSorted() };
}

function add(merged: ManifestEntry[], entry: ManifestEntry | undefined): void {
  if (entry !== undefined) merged.push(entry);
}

function isSame(one: ManifestEntry | undefined, two: ManifestEntry | undefined): boolean {
  return one?.digest === two?.digest && one?.mode === two?.mode;
}

/** One side made a file where the other made a folder: no file system holds both. */
function settleFolders(
  merged: readonly ManifestEntry[],
  ours: ReadonlyMap<string, ManifestEntry>,
  prefer: Preference,
  conflicts: Set<string>,
): readonly ManifestEntry[] {
  const files = new Set(merged.map(({ path }) => path));
  const clashes = new Set(merged.flatMap(({ path }) => parentsOf(path).filter((parent) => files.has(parent))));
  if (clashes.size === 0) return merged;
  if (prefer === null) {
    for (const path of clashes) conflicts.add(path);
    return merged;
  }
  return merged.filter(({ path }) => {
    const clash = [path, ...parentsOf(path)].find((one) => clashes.has(one));
    if (clash === undefined) return true;
    const keepsFile = ours.has(clash) === (prefer === 'ours');
    return keepsFile === (clash === path);
  });
}

/** What a version was made of: the one before it, and the other side of a merge. */
export interface Ancestry {
  readonly version: number;
  readonly parent: number | null;
  readonly mergedFrom: number | null;
}

/**
 * The newest version that both come from, themselves included; null when they have no such version. A version's ancestors all have lower numbers, so that the highest of those shared
 * is below no other.
 */
export function findMergeBase(versions: ReadonlyMap<number, Ancestry>, one: number, two: number): number | null {
  const ancestors = (start: number): Set<number> => {
    const found = new Set<number>();
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (found.has(at)) continue;
      found.add(at);
      const version = versions.get(at);
      for (const next of [version?.parent, version?.mergedFrom]) if (next !== null && next !== undefined) open.push(next);
    }
    return found;
  };
  const others = ancestors(two);
  const shared = Array.from(ancestors(one)).filter((version) => others.has(version));
  return shared.length === 0 ? null : shared.reduce((newest, version) => Math.max(newest, version));
}
