import type { GateDecision } from './types.ts';

/**
 * What a gate's newest decision says of a version that is to enter Production now. A PASS compared it with one other version: once another one is in Production it says nothing
 * (`stale`). A person's force is no comparison and does not age.
 */
export type GateStanding = 'passed' | 'forced' | 'stale' | 'refused' | 'undecided';

/** `production` is the version in Production now, null when there is none. */
export function gateStanding(decision: GateDecision | undefined, candidate: number, production: number | null): GateStanding {
  if (production === candidate) return 'passed';
  if (decision === undefined) return 'undecided';
  if (decision.forced !== null) return 'forced';
  if (decision.verdict !== 'PASS') return 'refused';
  return decision.champion === production ? 'passed' : 'stale';
}

/** A standing in words, for a sentence that begins with "its gate says". */
export function describeStanding(standing: GateStanding, decision: GateDecision | undefined, production: number | null): string {
  if (decision === undefined) return 'nothing yet';
  if (standing !== 'stale') return decision.verdict;
  const against = decision.champion === null ? 'with no version in Production' : `against version ${decision.champion}`;
  const now = production === null ? 'none' : `version ${production}`;
  return `PASS ${against}, and ${now} is in Production now (judge it again: pawl gate decide)`;
}
