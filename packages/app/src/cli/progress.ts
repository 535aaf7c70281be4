import { formatBytes, formatDuration } from './format.ts';

/** A line on standard error that says how far a transfer is; nothing at all when that is no terminal. */
export interface Progress {
  /** There is more to do than was known. */
  grow(count: number): void;
  /** More of the whole is done, in its unit. */
  add(count: number): void;
  /** Says what is going on instead of how much is done. */
  say(text: string): void;
  /** Takes the line away. */
  end(): void;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const EVERY_MS = 80;
const BAR = 24;

/** `known`: what there is to do as far as is known, in bytes or in what `format` writes. */
export function createProgress(
  label: string,
  known: number,
  stream: Terminal = process.stderr,
  now: () => number = Date.now,
  format: (amount: number) => string = formatBytes,
): Progress {
  if (stream.isTTY !== true) return { grow: () => undefined, add: () => undefined, say: () => undefined, end: () => undefined };
  const started = now();
  let total = known;
  let done = 0;
  let drawn = 0;
  const draw = (text: string): void => {
    drawn = now();
    stream.write(`\r\u001b[K${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
  };
  return {
    grow(count) {
      total += count;
    },
    add(count) {
      done += count;
      if (now() - drawn >= EVERY_MS) draw(toBar(label, done, total, now() - started, format));
    },
    say: (text) => draw(`${label} ${text}`),
    end: () => void stream.write('\r\u001b[K'),
  };
}

/** `Sending ████████░░░░ 35 % 1.2 MB of 3.4 MB, 5.0 s left`. */
export function toBar(
  label: string,
  done: number,
  total: number,
  elapsedMs: number,
  format: (amount: number) => string = formatBytes,
): string {
  const share = total <= 0 ? 1 : Math.min(1, done / total);
  const full = Math.round(share * BAR);
  const left = share > 0.02 && share < 1 && elapsedMs > 500 ? `, ${formatDuration((elapsedMs / share) * (1 - share))} left` : '';
  return `${label} ${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${Math.floor(share * 100)} % ${format(Math.min(done, total))} of ${format(total)}${left}`;
}
