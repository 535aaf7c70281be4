import type { SpanBytes, SpanMap, SpanValue } from './types.ts';

/** An object of one member with this name stands for what JSON cannot say; keys of maps that begin with a dollar get another. */
const BYTES = '$bytes';
const DOUBLE = '$double';

export function isSpanMap(value: SpanValue | undefined): value is SpanMap {
  return value instanceof Map;
}

export function isSpanList(value: SpanValue | undefined): value is readonly SpanValue[] {
  return Array.isArray(value);
}

export function isSpanBytes(value: SpanValue | undefined): value is SpanBytes {
  return typeof value === 'object' && value !== null && 'base64' in value;
}

/** As JSON that `fromSpanJson` reads back the same: integers of any size without a dot, doubles with one. */
export function toSpanJson(value: SpanValue): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return toDouble(value);
    default:
      if (value === null) return 'null';
      if (isSpanList(value)) return `[${value.map(toSpanJson).join(',')}]`;
      if (isSpanBytes(value)) return `{"${BYTES}":${JSON.stringify(value.base64)}}`;
      return toObject(value as SpanMap);
  }
}

function toObject(map: SpanMap): string {
  let text = '{';
  for (const [key, value] of map) text += `${text === '{' ? '' : ','}${JSON.stringify(toSpanJsonKey(key))}:${toSpanJson(value)}`;
  return `${text}}`;
}

/** The name of a map's key in its JSON. */
export function toSpanJsonKey(key: string): string {
  return key.charCodeAt(0) === DOLLAR ? `$${key}` : key;
}

const DOLLAR = 36;

function toDouble(value: number): string {
  if (!Number.isFinite(value)) return `{"${DOUBLE}":"${value}"}`;
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Throws SyntaxError for what is no JSON. */
export function fromSpanJson(text: string): SpanValue {
  return JSON.parse(text, revive) as SpanValue;
}

/** JSON.parse tells a number's own digits: only they say whether it was an integer, and all of it. */
function revive(_key: string, value: unknown, context?: { readonly source?: string }): SpanValue {
  if (typeof value === 'number') {
    const source = context?.source ?? String(value);
    return /^-?[0-9]+$/.test(source) ? BigInt(source) : value;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value as SpanValue;
  const entries = Object.entries(value as Readonly<Record<string, SpanValue>>);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const [key, inner] = first;
    if (key === BYTES && typeof inner === 'string') return { base64: inner };
    if (key === DOUBLE && typeof inner === 'string') return Number(inner);
  }
  return new Map(entries.map(([key, inner]) => [key.startsWith('$$') ? key.slice(1) : key, inner]));
}

/** As plain JSON for people and programs that need no exact type: integers beyond 2^53, NaN and infinities are texts. */
export function toPlainValue(value: SpanValue): AnyJson {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (isSpanList(value)) return value.map(toPlainValue);
  if (isSpanMap(value)) return Object.fromEntries([...value].map(([key, inner]) => [key, toPlainValue(inner)]));
  return isSpanBytes(value) ? value.base64 : value;
}

type AnyJson = null | string | number | boolean | AnyJson[] | { [key: string]: AnyJson };
