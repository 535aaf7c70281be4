import { fault } from '../fault/fault.ts';
import type { DatasetRef } from './types.ts';

export function toRefText(ref: DatasetRef): string {
  return `${ref.dataset}:${ref.version}`;
}

/** Parses `name:version`, or `name` alone (version undefined: the latest). Throws `invalid_input`. */
export function fromRefText(text: string): { readonly dataset: string; readonly version: number | undefined } {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]{0,127})(?::([1-9][0-9]{0,8}))?$/.exec(text);
  if (match?.[1] === undefined) {
    throw fault('invalid_input', {
      where: `dataset reference ${JSON.stringify(text)}`,
      problem: 'write NAME or NAME:VERSION, such as mail:3.',
    });
  }
  return { dataset: match[1], version: match[2] === undefined ? undefined : Number(match[2]) };
}
