import { fault } from '../fault/fault.ts';

/** The tag under which MLflow's clients see, set and search the folder of an experiment that does not lie where its name says. */
export const FOLDER_TAG = 'pawl.folder';

/** Beyond these a folder is refused: it is to be read by people. */
const MOST_DEPTH = 20;
const MOST_LENGTH = 500;

// oxlint-disable-next-line no-control-regex -- these are what it is for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** A folder of experiments as it is kept: `team/fraud`, and empty for the root. Slashes around it do not count. Throws `folder_invalid`. */
export function toFolder(text: string): string {
  const folder = text.replace(/^\/+|\/+$/g, '');
  const problem = problemOf(folder);
  if (problem !== undefined) throw fault('folder_invalid', { folder: text, problem });
  return folder;
}

function problemOf(folder: string): string | undefined {
  if (folder === '') return undefined;
  if (folder.length > MOST_LENGTH) return `it is longer than ${MOST_LENGTH} characters.`;
  const parts = folder.split('/');
  if (parts.length > MOST_DEPTH) return `it is deeper than ${MOST_DEPTH} levels.`;
  if (parts.includes('')) return 'a name between two slashes is empty.';
  if (parts.includes('.') || parts.includes('..')) return '"." and ".." are no names of folders.';
  if (CONTROL.test(folder)) return 'it has a control character.';
  return parts.some((part) => part.trim() !== part) ? 'a name begins or ends with a space.' : undefined;
}

/**
 * Where an experiment lies that nobody has moved: the part of its name before the last slash, so that a client which knows no folders can choose one.
 * The root where that is no folder.
 */
export function folderOfName(name: string): string {
  const trimmed = name.replace(/^\/+|\/+$/g, '');
  const folder = trimmed.slice(0, Math.max(0, trimmed.lastIndexOf('/')));
  return problemOf(folder) === undefined ? folder : '';
}

/** What an experiment is called within its folder, wherever that is: the part of its name after the last slash. */
export function labelOf(name: string): string {
  const label = name.slice(name.lastIndexOf('/') + 1);
  return label === '' ? name : label;
}

/** The ways to read a path as a folder and what is called so in it, the longest folder first. */
export function splitPath(path: string): readonly { readonly folder: string; readonly name: string }[] {
  const trimmed = path.replace(/^\/+/, '');
  const found: { folder: string; name: string }[] = [];
  for (let at = trimmed.lastIndexOf('/'); at > 0 && found.length < MOST_DEPTH; at = trimmed.lastIndexOf('/', at - 1)) {
    const name = trimmed.slice(at + 1);
    if (name !== '') found.push({ folder: trimmed.slice(0, at), name });
  }
  return found;
}

export interface FolderCount {
  readonly folder: string;
  /** Experiments directly in it. */
  readonly experiments: number;
}

export interface SubFolder {
  readonly folder: string;
  /** Its last name. */
  readonly name: string;
  /** Experiments in it and below. */
  readonly experiments: number;
}

/** The folders directly below one, by name, each with how many experiments it has in all. */
export function subFolders(counts: readonly FolderCount[], parent: string): readonly SubFolder[] {
  const prefix = parent === '' ? '' : `${parent}/`;
  const found = new Map<string, number>();
  for (const { folder, experiments } of counts) {
    if (folder === '' || !folder.startsWith(prefix)) continue;
    const name = folder.slice(prefix.length).split('/')[0] ?? '';
    if (name !== '') found.set(name, (found.get(name) ?? 0) + experiments);
  }
  return [...found]
    .map(([name, experiments]) => ({ folder: prefix + name, name, experiments }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where what lies in `from`, or below, comes to lie when that folder becomes `to`. Throws `folder_invalid` when it would lie in itself. */
export function movedFolder(folder: string, from: string, to: string): string {
  if (from === '') throw fault('folder_invalid', { folder: '/', problem: 'the root stays where it is; name a folder in it.' });
  if (to.startsWith(`${from}/`))
    throw fault('folder_invalid', { folder: to, problem: `it lies in "${from}", which cannot move into itself.` });
  const rest = folder.slice(from.length + 1);
  return [to, rest].filter((part) => part !== '').join('/');
}
