import { parentsOf } from '../artifact/path.ts';
import { byPath, checkManifest, toEntryText } from './manifest.ts';
import type { ManifestEntry } from './types.ts';

export interface ManifestPatch {
  readonly put: readonly ManifestEntry[];
  readonly remove: readonly string[];
}

export interface PatchedManifest {
  readonly text: string;
  /** By how much the files and their bytes became more. */
  readonly files: number;
  readonly bytes: number;
}

const FIRST = '{"entries":['.length;
/** What comes between two entries and nowhere else: in a path JSON would have a backslash before the quote. */
const BETWEEN = '},{"digest":"';

/**
 * The text of a manifest after a few changes, out of its text before: the same as reading, changing and writing it, without making an object of each of its entries. Undefined when
 * that way has to decide, because a path might be a file and a folder, or no file is left. Throws `path_unsafe`, `invalid_input` for what is put.
 */
export function patchManifestText(text: string, { put, remove }: ManifestPatch): PatchedManifest | undefined {
  if (text.length <= FIRST + 2) return undefined;
  const wanted = new Map<string, ManifestEntry | undefined>(remove.map((path) => [path, undefined]));
  for (const entry of checkManifest({ entries: put }).entries) wanted.set(entry.path, entry);
  if (put.some(({ path }) => mayClash(text, path))) return undefined;

  const parts: string[] = [];
  let [from, files, bytes] = [FIRST, 0, 0];
  const keep = (to: number): void => {
    const start = text[from] === ',' ? from + 1 : from;
    const end = text[to - 1] === ',' ? to - 1 : to;
    if (start < end) parts.push(text.slice(start, end));
  };
  for (const [path, entry] of Array.from(wanted).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const { start, end, found } = findEntry(text, path);
    if (found === undefined && entry === undefined) continue;
    keep(start);
    from = found === undefined ? start : end;
    if (entry !== undefined) parts.push(toEntryText(entry));
    files += (entry === undefined ? 0 : 1) - (found === undefined ? 0 : 1);
    bytes += (entry?.size ?? 0) - (found?.size ?? 0);
  }
  keep(text.length - 2);
  return parts.length === 0 ? undefined : { text: `{"entries":[${parts.join(',')}]}`, files, bytes };
}

/** Whether a file at the path would have a file above it, or files below it. */
function mayClash(text: string, path: string): boolean {
  if (parentsOf(path).some((parent) => findEntry(text, parent).found !== undefined)) return true;
  return findEntry(text, `${path}/`).next?.path.startsWith(`${path}/`) === true;
}

interface Place {
  /** Of the first entry whose path is not before the wanted one; of the end when there is none. */
  readonly start: number;
  readonly end: number;
  readonly next: ManifestEntry | undefined;
  /** That entry, when it is the wanted one. */
  readonly found: ManifestEntry | undefined;
}

/** By halving. Entries have no fixed length, so the half is where the next one begins. */
function findEntry(text: string, path: string): Place {
  const last = text.length - 2;
  let [low, high] = [FIRST, last];
  while (low < high) {
    const middle = text.indexOf(BETWEEN, low + ((high - low) >> 1));
    const start = middle < 0 || middle + 2 >= high ? low : middle + 2;
    const { entry, end } = entryAt(text, start);
    if (byPath(entry, { path }) < 0) low = Math.min(end + 1, high);
    else if (start === low) return { start, end, next: entry, found: entry.path === path ? entry : undefined };
    else high = start;
  }
  if (low >= last) return { start: last, end: last, next: undefined, found: undefined };
  const { entry, end } = entryAt(text, low);
  return { start: low, end, next: entry, found: entry.path === path ? entry : undefined };
}

function entryAt(text: string, start: number): { readonly entry: ManifestEntry; readonly end: number } {
  const between = text.indexOf(BETWEEN, start);
  const end = between < 0 ? text.length - 2 : between + 1;
  return { entry: JSON.parse(text.slice(start, end)) as ManifestEntry, end };
}
