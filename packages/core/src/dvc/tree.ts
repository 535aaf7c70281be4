/**
 * A directory's list as DVC stores it (`iterative/dvc-data:src/dvc_data/hashfile/tree.py`): what Python's `json.dumps(list, sort_keys=True)` writes, sorted by
 * path in order of code points. Its bytes are the directory's identity, so they must be equal to the last one.
 */
import { fault } from '../fault/fault.ts';
import type { DvcTreeEntry } from './types.ts';

/** A UTF-16 unit where its code point stands: surrogates belong after everything else. */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/** Order of code points, which is Python's; JavaScript compares UTF-16 units. */
export function byCodePoint(a: string, b: string): number {
  const shortest = Math.min(a.length, b.length);
  for (let at = 0; at < shortest; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** A text as Python's json writes it: ASCII only. */
const quote = (text: string): string =>
  JSON.stringify(text).replaceAll(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

export function toTreeText(entries: readonly DvcTreeEntry[]): string {
  const sorted = entries.toSorted((a, b) => byCodePoint(a.relpath, b.relpath));
  return `[${sorted.map(({ md5, relpath }) => `{"md5": "${md5}", "relpath": ${quote(relpath)}}`).join(', ')}]`;
}

/** POSIX paths: a backslash is a character like any other. */
const staysInside = (path: string): boolean =>
  !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** Reads a list; `name` is for messages. Throws `dvc_tree_invalid`. */
export function fromTreeText(text: string, name: string): readonly DvcTreeEntry[] {
  const refused = (problem: string, cause?: unknown): Error => fault('dvc_tree_invalid', { name, problem }, cause);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw refused('it is not JSON.', error);
  }
  if (!Array.isArray(parsed)) throw refused('it is not a JSON array.');
  const seen = new Set<string>();
  return parsed.map((item: unknown, index): DvcTreeEntry => {
    const { md5, relpath } = (item ?? {}) as Record<string, unknown>;
    if (typeof md5 !== 'string' || !/^[0-9a-f]{32}$/.test(md5) || typeof relpath !== 'string')
      throw refused(`entry ${index} has no "md5" or no "relpath".`);
    if (!staysInside(relpath)) throw refused(`entry ${index} has a path that leaves the directory.`);
    if (seen.has(relpath)) throw refused(`it names ${JSON.stringify(relpath)} twice.`);
    seen.add(relpath);
    return { md5, relpath };
  });
}
