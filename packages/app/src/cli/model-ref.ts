import type { Client } from '@pawl/client';
import { UsageError } from './exit.ts';

export interface ModelRef {
  readonly name: string;
  /** A number, an alias, a stage or `latest`; absent when only the model is named. */
  readonly version: string | undefined;
}

/** How a version may be written, for the help of commands. */
export const VERSION_FORMS = 'NAME:VERSION or NAME@ALIAS; models:/NAME/VERSION as MLflow writes it';

/** `name`, `name:3`, `name/3`, `name@champion`, and MLflow's URIs of these (`models:/name/3`); a name has neither ":" nor "/". Throws UsageError. */
export function toModelRef(text: string): ModelRef {
  const bare = text.replace(/^models:\/+/i, '');
  if (bare !== text && /^m-[0-9a-f]{32}$/.test(bare))
    throw new UsageError(`"${text}" is a logged model, not a version of a registered one: name that as NAME:VERSION.`);
  const [, name = '', version] = /^([^:/]*?)(?:[:/@]([^:/]+))?$/.exec(bare) ?? [];
  if (name === '' || name.endsWith('@')) throw new UsageError(`"${text}" names no model: write NAME, or ${VERSION_FORMS}.`);
  return { name, version };
}

/** As `toModelRef`, for commands that need a version. */
export function toVersionRef(text: string): { readonly name: string; readonly version: string } {
  const { name, version } = toModelRef(text);
  if (version === undefined) throw new UsageError(`"${text}" names no version: write ${name}:VERSION, with a number, alias or stage.`);
  return { name, version };
}

/**
 * The version at the beginning of a command's words, written as one (`mail:3`) or as two (`mail 3`), and the `count` words that follow it. Throws UsageError.
 */
export function takeVersion(
  words: readonly string[],
  count: number,
  usage: string,
): { readonly name: string; readonly version: string; readonly rest: readonly string[] } {
  const [first = '', second = ''] = words;
  if (words.length === count + 1) return { ...toVersionRef(first), rest: words.slice(1) };
  if (words.length === count + 2) {
    const { name, version } = toModelRef(first);
    if (version === undefined) return { name, version: second, rest: words.slice(2) };
  }
  throw new UsageError(`Write it as ${usage}; a version is ${VERSION_FORMS}.`);
}

/** The number of a version that may be named by alias or stage: what is changed is one version, whatever is pointed at later. */
export async function toVersionNumber(
  client: Client,
  { name, version }: { readonly name: string; readonly version: string },
): Promise<number> {
  if (/^[1-9][0-9]{0,8}$/.test(version)) return Number(version);
  return (await client.model.version({ model: name, version })).version;
}
