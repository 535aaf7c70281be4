export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * The one text of a JSON value that digests are taken over: keys sorted by code unit, no white space, undefined members left out.
 * Throws RangeError on NaN or an infinity, which JSON cannot hold.
 */
export function toCanonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`canonical JSON cannot hold ${value}`);
    return JSON.stringify(value);
  }
  // From: a hole of a sparse array becomes undefined, which is refused; `map` would skip it and leave broken text.
  if (Array.isArray(value)) return `[${Array.from(value, toCanonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const record = value as Record<string, unknown>;
    const members = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .toSorted()
      .map((key) => `${JSON.stringify(key)}:${toCanonicalJson(record[key])}`);
    return `{${members.join(',')}}`;
  }
  throw new RangeError(`canonical JSON cannot hold a ${typeof value}`);
}
