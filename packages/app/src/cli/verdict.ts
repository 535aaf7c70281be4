import type { Style } from './text.ts';

const STYLES: Readonly<Record<string, Style>> = {
  PASS: 'good',
  FAIL: 'bad',
  INCONCLUSIVE: 'warn',
  fine: 'good',
  worse: 'bad',
  promoted: 'good',
  rolled_back: 'bad',
  running: 'warn',
  held: 'warn',
  superseded: 'dim',
  succeeded: 'good',
  cached: 'good',
  failed: 'bad',
  blocked: 'bad',
  canceled: 'bad',
  ready: 'dim',
  waiting: 'dim',
  skipped: 'dim',
  paused: 'warn',
  canceling: 'warn',
  firing: 'bad',
  pending: 'warn',
  resolved: 'good',
  drift: 'bad',
  ok: 'good',
};

/** One colour for one meaning, over all nouns: good, bad, still open. */
export function verdictStyle(word: string): Style | undefined {
  return STYLES[word];
}
