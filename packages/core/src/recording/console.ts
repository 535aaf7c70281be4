import type { ConsoleChunk, ConsoleState } from './types.ts';

/** How a run began, and how it ended, are what people look for; what is between goes first. */
export const CONSOLE_HEAD_BYTES: number = 1024 * 1024;
export const CONSOLE_TAIL_BYTES: number = 7 * 1024 * 1024;

/** What a line costs beside its text: its time, its stream, its share of a row. */
const LINE_BYTES = 24;

export interface PlacedLines {
  readonly chunk: ConsoleChunk;
  readonly part: 'head' | 'tail';
  readonly bytes: number;
  readonly state: ConsoleState;
  /** Of the tail, to be dropped. */
  readonly excess: number;
}

/** Where new lines of a console log belong: in its head until that is full, then in its tail, which drops its oldest. Lines taken before are left out; undefined when none is new. */
export function placeLines(state: ConsoleState, { first, lines }: ConsoleChunk): PlacedLines | undefined {
  const known = Math.max(0, state.last + 1 - first);
  const fresh = lines.slice(known);
  if (fresh.length === 0) return undefined;
  const chunk = { first: first + known, lines: fresh };
  const bytes = fresh.reduce((sum, { text }) => sum + text.length + LINE_BYTES, 0);
  const last = chunk.first + fresh.length - 1;
  if (state.tailBytes === 0 && state.headBytes + bytes <= CONSOLE_HEAD_BYTES)
    return { chunk, part: 'head', bytes, state: { ...state, last, headBytes: state.headBytes + bytes }, excess: 0 };
  const tailBytes = state.tailBytes + bytes;
  return { chunk, part: 'tail', bytes, state: { ...state, last, tailBytes }, excess: Math.max(0, tailBytes - CONSOLE_TAIL_BYTES) };
}
