/** Longer than this a piece of a filter is not quoted whole: it comes from a program, and a message is to be read. */
const MOST = 100;
const KEPT = 80;
const BEFORE = 30;

/** A piece of a filter as a message quotes it. */
export function excerpt(text: string): string {
  return text.length <= MOST ? text : `${whole(text.slice(0, KEPT))}…`;
}

/** What stands around a place of a text that is too long to be found by counting; undefined where it is short. `at` counts from 0. */
export function surroundings(text: string, at: number): string | undefined {
  if (text.length <= MOST) return undefined;
  const start = Math.max(0, Math.min(at, text.length) - BEFORE);
  const end = Math.min(text.length, start + KEPT);
  const around = whole(text.slice(start, end)).replaceAll(/\s+/g, ' ');
  return `${start > 0 ? '…' : ''}${around}${end < text.length ? '…' : ''}`;
}

/** Without the half of a character that a cut left at an end. */
function whole(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, '').replace(/[\ud800-\udbff]$/, '');
}
