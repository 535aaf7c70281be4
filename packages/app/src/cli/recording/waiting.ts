import type { ConsoleText, UsageSample } from '@pawl/core';

/** A line that was not sent yet; numbers jump where lines were given up. */
interface WaitingLine extends ConsoleText {
  readonly seq: number;
}

export type NumberedSample = UsageSample & { readonly step: number };

/** What waits for a server that is away is bounded; the server would not keep more either. */
const HEAD_CHARACTERS = 1024 * 1024;
const MOST_CHARACTERS = 8 * 1024 * 1024;
/** Given up at once, so that a flood of lines does not move the rest for each of them. */
const STRIDE = 512 * 1024;
const MOST_SAMPLES = 2000;

/** Of one report. */
const LINES_AT_ONCE = 5000;
const CHARACTERS_AT_ONCE = 1024 * 1024;
const SAMPLES_AT_ONCE = 500;

/** Lines and samples of a command on their way to the server. */
export interface Waiting {
  addLine(line: ConsoleText): void;
  addSample(sample: UsageSample): void;
  readonly isEmpty: boolean;
  /** Samples so far, sent ones too. */
  readonly samples: number;
  /** The next lines that follow each other, and samples; they do not wait any more. */
  take(): { readonly first: number; readonly lines: readonly ConsoleText[]; readonly samples: readonly NumberedSample[] };
}

export function createWaiting(): Waiting {
  let lines: WaitingLine[] = [];
  let samples: NumberedSample[] = [];
  let characters = 0;
  let seq = 0;
  let step = 0;

  /** Gives up lines between the first and the last ones. */
  function shorten(): void {
    let head = 0;
    let at = 0;
    while (at < lines.length && head < HEAD_CHARACTERS) head += lines[at++]?.text.length ?? 0;
    let end = at;
    let given = 0;
    while (end < lines.length && given < STRIDE) given += (lines[end++]?.text.length ?? 0) + 1;
    lines = [...lines.slice(0, at), ...lines.slice(end)];
    characters -= given;
  }

  return {
    addLine(line) {
      seq += 1;
      characters += line.text.length + 1;
      lines.push({ ...line, seq });
      if (characters > MOST_CHARACTERS) shorten();
    },
    addSample(sample) {
      samples.push({ ...sample, step });
      step += 1;
      // Every other one still draws the curve.
      if (samples.length > MOST_SAMPLES) samples = samples.filter((_, at) => at % 2 === 0);
    },
    get samples() {
      return step;
    },
    get isEmpty() {
      return lines.length === 0 && samples.length === 0;
    },
    take() {
      const first = lines[0]?.seq ?? 0;
      let count = 0;
      let taken = 0;
      for (const line of lines) {
        if (line.seq !== first + count || count === LINES_AT_ONCE || taken >= CHARACTERS_AT_ONCE) break;
        count += 1;
        taken += line.text.length + 1;
      }
      const sent = lines.slice(0, count).map(({ time, stream, text }): ConsoleText => ({ time, stream, text }));
      lines = lines.slice(count);
      characters -= taken;
      const some = samples.slice(0, SAMPLES_AT_ONCE);
      samples = samples.slice(some.length);
      return { first, lines: sent, samples: some };
    },
  };
}
