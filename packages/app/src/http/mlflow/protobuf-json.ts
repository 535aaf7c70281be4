import { invalidParameter } from './errors.ts';
import type { MlflowInput } from './input.ts';

/** A map of texts. Numbers and truths, which other clients send, become text. */
export function toTextMap(input: MlflowInput, name: string): Readonly<Record<string, string>> {
  const value = input.raw(name) ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidParameter(input.path(name), value);
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, unknown>>).map(([key, each]) => {
      if (typeof each !== 'string' && typeof each !== 'number' && typeof each !== 'boolean') {
        throw invalidParameter(`${input.path(name)}.${key}`, each);
      }
      return [key, String(each)];
    }),
  );
}

/** A moment as protobuf's JSON writes it, RFC 3339 with up to nanoseconds; epoch ms. */
export function toMoment(input: MlflowInput, name: string): number | undefined {
  const text = input.string(name) ?? '';
  if (text === '') return undefined;
  const [, second = '', fraction = '', zone = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const time = Date.parse(second + zone);
  if (Number.isNaN(time)) throw invalidParameter(input.path(name), text, 'It must be a time such as 2026-11-24T11:34:55.123Z.');
  return time + Math.floor(Number(`0${fraction}`) * 1000 + 1e-6);
}

/** A duration as protobuf's JSON writes it: `1.512s`; milliseconds. */
export function toDuration(input: MlflowInput, name: string): number | undefined {
  const text = input.string(name) ?? '';
  if (text === '') return undefined;
  const seconds = /^(-?\d{1,12}(?:\.\d{1,9})?)s$/.exec(text)?.[1];
  if (seconds === undefined) throw invalidParameter(input.path(name), text, 'It must be a number of seconds such as 1.512s.');
  return Math.round(Number(seconds) * 1000);
}
