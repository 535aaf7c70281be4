import { judgeGuard } from './evidence.ts';
import type { GuardJudgement } from './evidence.ts';
import type { GuardEvidence, Rollout, RolloutGuard, RolloutSpec } from './types.ts';
import type { Verdict } from '../gate/types.ts';

export type RolloutAction = 'wait' | 'advance' | 'promote' | 'roll_back' | 'hold';

export interface RolloutJudgement {
  readonly action: RolloutAction;
  readonly verdict: Verdict;
  /** One line: why. */
  readonly reason: string;
  readonly guards: readonly (GuardJudgement & { readonly metric: RolloutGuard['metric'] })[];
}

/** The candidate's share of traffic that a rollout asks for. */
export function candidateWeight(rollout: Rollout): number {
  if (rollout.state !== 'running' && rollout.state !== 'held') return 0;
  return rollout.spec.steps[rollout.step]?.weight ?? 0;
}

/** Candidate requests seen, by the guard that counts every answer; with labels as the only evidence, by the labelled ones. */
export function candidateRequests(rollout: Rollout): number {
  const answers = rollout.evidence.filter((one) => one.metric !== 'wrong');
  return Math.max(0, ...(answers.length > 0 ? answers : rollout.evidence).map((one) => one.candidate.requests));
}

/** Harm is proven by some guard. To be asked after every observation: then the verdict does not depend on how the stream was cut into batches. */
export function isHarmProven(rollout: Rollout): boolean {
  return judgeGuards(rollout).some((guard) => guard.verdict === 'worse');
}

function judgeGuards(rollout: Rollout): RolloutJudgement['guards'] {
  const { spec } = rollout;
  const harmAlpha = spec.alpha / Math.max(1, spec.guards.length);
  return spec.guards.map((guard) => ({
    metric: guard.metric,
    ...judgeGuard(guard, evidenceOf(rollout, guard), harmAlpha, spec.alpha),
  }));
}

/**
 * Decides on the evidence so far (reference sheet: rollouts §4.1). Harm in any guard rolls back, in any state that is not final and without asking anybody. A ramp step goes on
 * unless harm is proven; the last step promotes only when every required guard is proven no worse. Too little evidence is never good or bad news.
 */
export function judgeRollout(rollout: Rollout, now: number): RolloutJudgement {
  const { spec } = rollout;
  const guards = judgeGuards(rollout);
  const worse = guards.find((guard) => guard.verdict === 'worse');
  if (worse !== undefined)
    return { action: 'roll_back', verdict: 'FAIL', reason: `candidate is worse: ${describe(worse, rollout)}`, guards };
  if (rollout.state === 'held') return { action: 'wait', verdict: 'INCONCLUSIVE', reason: rollout.reason, guards };
  const step = spec.steps[rollout.step];
  if (step === undefined) return { action: 'promote', verdict: 'PASS', reason: 'every step passed', guards };
  const requests = candidateRequests(rollout) - rollout.stepBase;
  const open = openGuards(spec, guards);
  if (requests >= step.minRequests && now - rollout.stepStartedAt >= step.minMs && (step.require === 'not_worse' || open.length === 0)) {
    const last = rollout.step === spec.steps.length - 1;
    const proof = guards.filter((guard) => guard.verdict === 'fine').map((guard) => describe(guard, rollout));
    const reason = step.require === 'not_worse' ? `no harm seen in ${requests} candidate requests` : `proven no worse: ${proof.join('; ')}`;
    return { action: last ? 'promote' : 'advance', verdict: 'PASS', reason, guards };
  }
  if (now - rollout.stepStartedAt >= spec.maxStepMs) return onTimeout(spec, guards);
  const missing = Math.max(0, step.minRequests - requests);
  const waiting =
    missing > 0
      ? `${missing} more candidate requests`
      : open.length > 0 && step.require === 'fine'
        ? `proof for ${open.join(', ')}`
        : 'the least time of the step';
  return {
    action: 'wait',
    verdict: 'INCONCLUSIVE',
    reason: `step ${rollout.step + 1} of ${spec.steps.length} at ${percent(step.weight)}: waiting for ${waiting}`,
    guards,
  };
}

function openGuards(spec: RolloutSpec, guards: RolloutJudgement['guards']): readonly string[] {
  return spec.guards.filter((guard, index) => guard.required && guards[index]?.verdict !== 'fine').map((guard) => guard.metric);
}

function onTimeout(spec: RolloutSpec, guards: RolloutJudgement['guards']): RolloutJudgement {
  const reason = 'the step reached its longest time without a verdict';
  if (spec.onTimeout === 'rollback') return { action: 'roll_back', verdict: 'INCONCLUSIVE', reason, guards };
  if (spec.onTimeout === 'promote') return { action: 'promote', verdict: 'INCONCLUSIVE', reason, guards };
  return { action: 'hold', verdict: 'INCONCLUSIVE', reason: `${reason}: waiting for a person`, guards };
}

export function evidenceOf(rollout: Rollout, guard: RolloutGuard): GuardEvidence {
  const found = rollout.evidence.find((one) => one.metric === guard.metric);
  if (found === undefined) throw new RangeError(`rollout ${rollout.id} holds no evidence for ${guard.metric}`);
  return found;
}

function describe(guard: GuardJudgement & { readonly metric: string }, rollout: Rollout): string {
  const evidence = rollout.evidence.find((one) => one.metric === guard.metric);
  const counts =
    evidence === undefined
      ? ''
      : `candidate ${evidence.candidate.events}/${evidence.candidate.requests}, stable ${evidence.stable.events}/${evidence.stable.requests}`;
  return `${guard.metric} ${counts}, ${toProof(guard)}`;
}

/** What the verdict rests on: an e-value, or else a bound of the difference of means. */
function toProof({ verdict, harm, harmThreshold, noWorse, belowMargin, fineThreshold, lower, upper }: GuardJudgement): string {
  const [value, threshold] = verdict === 'worse' ? [harm, harmThreshold] : [Math.max(noWorse, belowMargin), fineThreshold];
  if (value >= threshold) return `e-value ${short(value)} ≥ ${short(threshold)}`;
  const [side, bound] = verdict === 'worse' ? ['least', lower] : ['most', upper];
  return `difference at ${side} ${((bound ?? 0) * 100).toFixed(2)} points`;
}

const short = (value: number): string => (value >= 1e6 ? value.toExponential(1) : value.toPrecision(3));
const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
