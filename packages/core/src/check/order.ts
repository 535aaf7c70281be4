/** Order of two values of one type; texts by code point, which is the order of their UTF-8 bytes. */
export function compareValues(a: number | string | boolean, b: number | string | boolean): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return Number(a > b) - Number(a < b);
}

function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    if (a.charCodeAt(at) === b.charCodeAt(at)) continue;
    // Equal up to here, so both stand at the same place: the low half of a pair compares right by itself, a high half by its whole code point.
    return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
  }
  return a.length - b.length;
}

/** Text form of a value. A fraction has none that two programs agree on, so that is undefined. */
export function toTextForm(value: number | string | boolean): string | undefined {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined;
  return String(value === 0 ? 0 : value);
}
