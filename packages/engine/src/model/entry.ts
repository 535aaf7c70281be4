import { describeStanding, fault, gateStanding, mayForce } from '@pawl/core';
import type { ForcedEntry, ModelPolicy, Writers } from '@pawl/core';

export interface Entry {
  readonly model: string;
  readonly version: number;
  /** Whether the gate may be overruled, by whom and why. */
  readonly force: boolean;
  readonly reason: string;
  readonly actor: string;
  readonly now: number;
}

/** The newest version in Production, which a gate compares candidates with. */
export async function inProduction(tx: Pick<Writers, 'models'>, model: string): Promise<number | null> {
  return (await tx.models.versions(model, 'Production', { limit: 1 })).items[0]?.version ?? null;
}

/**
 * Whether a version may enter Production: a model with a gate lets in what passed it against the version that is there now, or what somebody who may has forced. Gives the
 * force, when it was one. Throws `model_not_gated`, `model_force_denied`, `invalid_input` for a force without a reason.
 */
export async function requireEntry(tx: Writers, policy: ModelPolicy | undefined, entry: Entry): Promise<ForcedEntry | null> {
  const { model, version, force, reason, actor, now } = entry;
  if ((await tx.gates.spec(model)) === undefined) return null;
  const decision = await tx.gates.latest(model, version);
  const production = await inProduction(tx, model);
  const standing = gateStanding(decision, version, production);
  if (standing === 'passed') return null;
  const verdict = describeStanding(standing, decision, production);
  if (standing === 'forced' && decision?.forced) return { ...decision.forced, verdict: decision.verdict };
  if (!force) throw fault('model_not_gated', { name: model, version, verdict });
  requireForce(policy, model, actor, reason);
  return { actor, reason, at: now, verdict };
}

/** Throws `model_force_denied`, `invalid_input`. */
export function requireForce(policy: ModelPolicy | undefined, model: string, actor: string, reason: string): void {
  if (reason.trim() === '') throw fault('invalid_input', { where: 'reason', problem: 'say why the gate is overruled; it is recorded.' });
  if (mayForce(policy, actor)) return;
  const who = policy === undefined || policy.force.length === 0 ? 'nobody' : policy.force.join(', ');
  throw fault('model_force_denied', { name: model, actor, who });
}
