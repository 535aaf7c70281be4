import { mlflowError } from './errors.ts';

/**
 * Fields of a request's body. Empty bytes are `{}`. Beyond JSON it takes what MLflow's clients send: bare `NaN`, `Infinity` and `-Infinity` (Python's json), which come
 * out as strings of that name, and JSON inside a JSON string (old clients). Throws INVALID_PARAMETER_VALUE for anything but one object.
 */
export function parseBody(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const source = decode(bytes);
  if (source.trim() === '') return {};
  let value = parse(source);
  if (typeof value === 'string') value = parse(value);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw mlflowError('INVALID_PARAMETER_VALUE', 'The request body must be a JSON object.');
  }
  return value as Readonly<Record<string, unknown>>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw mlflowError('INVALID_PARAMETER_VALUE', 'The request body is not UTF-8 text.');
  }
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    try {
      return JSON.parse(quoteBareNumbers(source));
    } catch (error) {
      throw mlflowError('INVALID_PARAMETER_VALUE', `The request body is not valid JSON: ${(error as Error).message}`);
    }
  }
}

/** Strings are matched first, so that the words inside them stay. */
function quoteBareNumbers(source: string): string {
  return source.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/gs, (token) => (token.startsWith('"') ? token : `"${token}"`));
}

/** A double as MLflow writes it: JSON has no NaN and no infinities, so they travel as strings. */
export function toWireNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Empty lists are left out of answers. */
export function unlessEmpty<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items;
}
