import { requireCount } from './argument.ts';
import { binomialCdf } from './binomial.ts';
import type { TestResult } from './test-result.ts';

/**
 * McNemar's exact test on paired outcomes: `championOnly` rows that only the champion got right, `candidateOnly` the reverse.
 * Two-sided p = 2 · P(Binomial(b + c, ½) ≤ min(b, c)), at most 1. No discordant row: p = 1 with a note.
 */
export function mcnemarExact(championOnly: number, candidateOnly: number): TestResult {
  requireCount(championOnly, 'championOnly');
  requireCount(candidateOnly, 'candidateOnly');
  const discordant = championOnly + candidateOnly;
  const statistic = Math.min(championOnly, candidateOnly);
  const result = { statistic, n1: championOnly, n2: candidateOnly };
  if (discordant === 0) return { ...result, p: 1, method: 'degenerate', notes: ['The two models never disagree.'] };
  return { ...result, p: Math.min(1, 2 * binomialCdf(statistic, discordant, 0.5)), method: 'exact', notes: [] };
}
