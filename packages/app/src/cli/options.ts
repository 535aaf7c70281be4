import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

/** What every list takes: how much of it, and from where. */
export interface PageOptions {
  readonly limit?: number;
  readonly after?: string;
}

export function addPageOptions(command: Command): Command {
  return command
    .option('--limit <count>', 'most rows (default: 100)', toWhole)
    .option('--after <cursor>', 'go on after the row that a list ended with');
}

/** Only the page's own of a command's options. */
export const pageOf = ({ limit, after }: PageOptions): PageOptions => ({
  ...(limit === undefined ? {} : { limit }),
  ...(after === undefined ? {} : { after }),
});

export function toWhole(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('Use a whole number from 1.');
  return Number(text);
}

export function toNatural(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('Use a whole number from 0.');
  return Number(text);
}

const LENGTHS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A length of time such as `90s`, `12h`, `30d`, in milliseconds. */
export function toLength(text: string): number {
  const [, count, unit = ''] = /^([0-9]{1,9})(ms|s|m|h|d|w)$/.exec(text) ?? [];
  const length = LENGTHS[unit];
  if (count === undefined || length === undefined) throw new InvalidArgumentError('Use a length of time such as 90s, 12h, 30d.');
  return Number(count) * length;
}

export function toTruth(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('Use true or false.');
  return text === 'true';
}

/** A moment, RFC 3339 or epoch milliseconds, as RFC 3339 in UTC. */
export function toMoment(text: string): string {
  const time = /^[0-9]{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('Use a time such as 2026-11-24T11:34:55Z, or epoch milliseconds.');
  return new Date(time).toISOString();
}

/** Any text, repeated. */
export const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** `key=value`, repeated. */
export function addPair(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Use name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** `name:version` into its parts; the version is absent when none is named. */
export function toRefParts(text: string): { readonly name: string; readonly version: string | undefined } {
  const at = text.lastIndexOf(':');
  return at === -1 ? { name: text, version: undefined } : { name: text.slice(0, at), version: text.slice(at + 1) };
}
