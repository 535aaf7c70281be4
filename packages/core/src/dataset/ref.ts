import { fault } from '../fault/fault.ts';
import type { DatasetRef } from './types.ts';

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
/** It starts with a letter, so that no number and no option of a command line is one. */
const LABEL = '[A-Za-z][A-Za-z0-9._-]{0,63}';
const NUMBER = '[1-9][0-9]{0,8}';

export function toRefText(ref: DatasetRef): string {
  return `${ref.dataset}:${ref.version}`;
}

/** Parses `name:version`, or `name` alone (version undefined: the latest). Throws `invalid_input`. */
export function fromRefText(text: string): { readonly dataset: string; readonly version: number | undefined } {
  const match = new RegExp(`^(${NAME})(?::(${NUMBER}))?$`).exec(text);
  if (match?.[1] === undefined) throw refused(text, 'write NAME or NAME:VERSION, such as mail:3.');
  return { dataset: match[1], version: match[2] === undefined ? undefined : Number(match[2]) };
}

/** What a text can mean: a version by number, by a tag's or branch's name, or the newest of the main branch (both undefined; `name:latest` too). */
export interface DatasetSelector {
  readonly dataset: string;
  readonly version: number | undefined;
  readonly label: string | undefined;
}

/** Parses `name`, `name:version`, `name:tag` and `name:branch`. Throws `invalid_input`. */
export function fromSelectorText(text: string): DatasetSelector {
  const match = new RegExp(`^(${NAME})(?::(?:(${NUMBER})|(${LABEL})))?$`).exec(text);
  if (match?.[1] === undefined) throw refused(text, 'write NAME, NAME:VERSION, NAME:TAG or NAME:BRANCH, such as mail:3.');
  const label = match[3] === 'latest' ? undefined : match[3];
  return { dataset: match[1], version: match[2] === undefined ? undefined : Number(match[2]), label };
}

/** The name of a tag or a branch. Throws `invalid_input`. */
export function checkLabel(kind: 'tag' | 'branch', name: string): void {
  if (!new RegExp(`^${LABEL}$`).test(name) || name === 'latest')
    throw fault('invalid_input', {
      where: `${kind} ${JSON.stringify(name)}`,
      problem: 'start with a letter; letters, digits, dot, dash and underscore may follow, 64 at most; "latest" is taken.',
    });
}

const refused = (text: string, problem: string): Error =>
  fault('invalid_input', { where: `dataset reference ${JSON.stringify(text)}`, problem });
