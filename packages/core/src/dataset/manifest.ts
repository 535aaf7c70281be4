import { fault } from '../fault/fault.ts';
import { parentsOf } from '../artifact/path.ts';
import type { Digest } from '../ports/digest.ts';
import { checkPath } from './path.ts';
import type { Manifest, ManifestEntry } from './types.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const PERMISSIONS = 0o777;

/** The manifest in its one canonical form: entries sorted by path, no path twice, only permission bits. Throws `path_unsafe`, `invalid_input`. */
export function checkManifest(manifest: Manifest): Manifest {
  const entries = manifest.entries.map(toEntry);
  if (entries.some(({ path }, index) => index > 0 && path <= (entries[index - 1]?.path ?? ''))) entries.sort(byPath);
  const paths = new Set<string>();
  for (const { path } of entries) {
    if (paths.has(path)) throw fault('invalid_input', { where: path, problem: 'the manifest names this path twice.' });
    paths.add(path);
  }
  let folder = '';
  for (const { path } of entries) {
    const own = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (own === folder) continue;
    folder = own;
    const clash = parentsOf(path).find((parent) => paths.has(parent));
    if (clash !== undefined) throw fault('invalid_input', { where: clash, problem: 'the manifest has it as a file and as a folder.' });
  }
  return { entries };
}

export const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

function toEntry({ path, digest, size, mode }: ManifestEntry): ManifestEntry {
  checkPath(path);
  if (!DIGEST.test(digest)) throw fault('invalid_input', { where: `digest of ${path}`, problem: 'it must be sha256: and 64 hex digits.' });
  if (!Number.isSafeInteger(size) || size < 0)
    throw fault('invalid_input', { where: `size of ${path}`, problem: 'it must be a count of bytes.' });
  return { path, digest, size, mode: mode & PERMISSIONS };
}

/** What a version's manifest is stored as, and what its digest is of: the canonical JSON of a manifest that is in canonical form. */
export function toManifestText({ entries }: Manifest): string {
  return `{"entries":[${entries.map(toEntryText).join(',')}]}`;
}

export const toEntryText = ({ path, digest, size, mode }: ManifestEntry): string =>
  `{"digest":"${digest}","mode":${mode},"path":${JSON.stringify(path)},"size":${size}}`;

/** Reads a manifest that somebody else wrote, and takes it only in its canonical form: the same files never have two digests. Throws `path_unsafe`, `invalid_input`. */
export function fromManifestText(text: string): Manifest {
  const refused = (problem: string, cause?: unknown): Error => fault('invalid_input', { where: 'the manifest', problem }, cause);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw refused('it is not JSON.', error);
  }
  const entries = (parsed as { entries?: unknown } | null)?.entries;
  if (!Array.isArray(entries)) throw refused('it has no list of entries.');
  for (const entry of entries as unknown[]) if (!isEntry(entry)) throw refused('an entry has not just a path, digest, size and mode.');
  const manifest = checkManifest({ entries: entries as ManifestEntry[] });
  if (toManifestText(manifest) !== text) throw refused('it is not in canonical form: sorted by path, keys in order, no space.');
  return manifest;
}

function isEntry(value: unknown): value is ManifestEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { path, digest, size, mode } = value as Record<string, unknown>;
  return typeof path === 'string' && typeof digest === 'string' && typeof size === 'number' && Number.isInteger(mode);
}

/** The entries at `under` and below it: a file, or a folder with all that is in it; all of them for ''. */
export function entriesUnder({ entries }: Manifest, under: string): readonly ManifestEntry[] {
  const path = under.replace(/^(?:\.\/)+|\/+$/g, '');
  if (path === '' || path === '.') return entries;
  return entries.filter((entry) => entry.path === path || entry.path.startsWith(`${path}/`));
}

export type FileChange =
  | { readonly kind: 'added' | 'removed'; readonly path: string; readonly size: number }
  | { readonly kind: 'changed'; readonly path: string; readonly size: number; readonly sizeBefore: number }
  | { readonly kind: 'mode'; readonly path: string; readonly mode: number; readonly modeBefore: number }
  /** The same content under another name. */
  | { readonly kind: 'moved'; readonly path: string; readonly from: string; readonly size: number };

/** What changed from one manifest to another, by path. Both in canonical form. */
export function diffManifests(before: Manifest, after: Manifest): readonly FileChange[] {
  const changes: FileChange[] = [];
  const removed = new Map<Digest, ManifestEntry[]>();
  const added: ManifestEntry[] = [];
  for (const [old, now] of pairByPath(before.entries, after.entries)) {
    if (now === undefined) {
      if (old !== undefined) removed.set(old.digest, [...(removed.get(old.digest) ?? []), old]);
    } else if (old === undefined) added.push(now);
    else if (old.digest !== now.digest) changes.push({ kind: 'changed', path: now.path, size: now.size, sizeBefore: old.size });
    else if (old.mode !== now.mode) changes.push({ kind: 'mode', path: now.path, mode: now.mode, modeBefore: old.mode });
  }
  for (const { path, digest, size } of added) {
    // An empty file is the same as any other: that says nothing of where it came from.
    const from = size === 0 ? undefined : removed.get(digest)?.shift();
    changes.push(from === undefined ? { kind: 'added', path, size } : { kind: 'moved', path, from: from.path, size });
  }
  for (const { path, size } of Array.from(removed.values()).flat()) changes.push({ kind: 'removed', path, size });
  return changes.toSorted(byPath);
}

/** Walks two lists that are sorted by path, a pair for each path in either. */
export function* pairByPath(
  left: readonly ManifestEntry[],
  right: readonly ManifestEntry[],
): Generator<readonly [ManifestEntry | undefined, ManifestEntry | undefined]> {
  let at = 0;
  let other = 0;
  while (at < left.length || other < right.length) {
    const [one, two] = [left[at], right[other]];
    const order = one === undefined ? 1 : two === undefined ? -1 : byPath(one, two);
    if (order <= 0) at += 1;
    if (order >= 0) other += 1;
    yield [order <= 0 ? one : undefined, order >= 0 ? two : undefined];
  }
}
