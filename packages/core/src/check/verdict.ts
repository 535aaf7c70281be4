import type { CheckVerdict, ExpectationResult } from './types.ts';

/** Only critical expectations decide. One that could not be evaluated is no proof of bad data, and no proof of good data either. */
export function toCheckVerdict(results: readonly ExpectationResult[]): CheckVerdict {
  const critical = results.filter((result) => result.expectation.severity === 'critical');
  if (critical.some((result) => result.outcome === 'failed')) return 'failed';
  return critical.some((result) => result.outcome === 'error') ? 'error' : 'passed';
}
