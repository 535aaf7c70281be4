import type { RolloutGet } from '@pawl/client';
import type { Look } from './context.ts';
import { formatCount, formatDuration, formatNumber, formatShare, formatSpan, formatTime } from './format.ts';
import { toFields, toTable } from './table.ts';
import { paint } from './text.ts';
import { verdictStyle } from './verdict.ts';

type Guard = RolloutGet['guards'][number];
type Proof = Guard['harm'];

/** A rollout as a page: where it stands, what it waits for, and what each guard has seen. */
export function toStatus({ rollout, plan, judgement, guards }: RolloutGet, look: Look, now: number): string {
  const stable = rollout.stable === null ? 'nothing' : `version ${rollout.stable}`;
  const state = paint(rollout.state, verdictStyle(rollout.state), look.color);
  const title = `Endpoint ${rollout.endpoint}: ${rollout.model} version ${rollout.candidate} against ${stable}: ${state}`;
  const fields = toFields([
    ['Rollout', `${rollout.id}, started ${formatTime(rollout.started_at)} by ${rollout.actor}`],
    ['Steps', plan.map((step, index) => toStep(step, index + 1, rollout.step, rollout.ended_at !== null)).join(' → ')],
    ...(judgement === null
      ? ([
          ['Ended', `${formatTime(rollout.ended_at)}, after ${formatSpan(rollout.started_at, rollout.ended_at, now)}`],
          ['Verdict', rollout.verdict],
          ['Because', rollout.reason],
        ] as const)
      : ([
          ['In step for', formatSpan(rollout.step_started_at, null, now)],
          ['Verdict', judgement.verdict],
          [
            judgement.action === 'wait' ? 'Waits' : 'Next',
            judgement.action === 'wait' ? judgement.reason : `${judgement.action.replace('_', ' ')}: ${judgement.reason}`,
          ],
        ] as const)),
  ]);
  if (guards.length === 0) return `${title}\n${fields}`;
  const table = toTable(
    guards,
    [
      {
        title: 'GUARD',
        value: (guard) =>
          `${guard.metric}${guard.slo_ms === null ? '' : ` > ${formatDuration(guard.slo_ms)}`}${guard.required ? ' *' : ''}`,
      },
      { title: 'VERDICT', value: (guard) => guard.verdict.replaceAll('_', ' '), style: (guard) => verdictStyle(guard.verdict) },
      { title: 'CANDIDATE', value: (guard) => toRate(guard.candidate), align: 'right' },
      { title: 'STABLE', value: (guard) => toRate(guard.stable), align: 'right' },
      { title: 'HARM', value: (guard) => toProof(guard.harm) },
      { title: 'NO WORSE', value: (guard) => toProof(guard.no_worse) },
      { title: `RATE BELOW MARGIN`, value: (guard) => `${toProof(guard.below_margin)} (${formatShare(guard.margin)})` },
      { title: 'DIFFERENCE', value: (guard) => toDifference(guard) },
    ],
    look,
  );
  const legend =
    'Each proof is an e-value against the threshold it must reach; it holds at every look. * must be proven fine before the last step ends.';
  return `${title}\n${fields}\n\n${table}\n${paint(legend, 'dim', look.color)}`;
}

function toStep(step: RolloutGet['plan'][number], number: number, current: number, ended: boolean): string {
  const text = `${formatShare(step.weight)} (${formatCount(step.min_requests)} requests, ${step.require === 'fine' ? 'proven fine' : 'no harm'})`;
  return number === current && !ended ? `[${text}]` : text;
}

function toRate({ requests, events }: { readonly requests: number; readonly events: number }): string {
  return `${formatCount(events)}/${formatCount(requests)}${requests === 0 ? '' : ` = ${formatShare(events / requests)}`}`;
}

/** `12.3 of 40`, or `52.1 ≥ 40` once it is proven. */
function toProof({ e_value, threshold }: Proof): string {
  const [value, least] = [Number(e_value), Number(threshold)];
  return value >= least ? `${formatNumber(value)} ≥ ${formatNumber(least)}` : `${formatNumber(value)} of ${formatNumber(least)}`;
}

function toDifference({ difference: { lower, upper } }: Guard): string | null {
  if (lower === null && upper === null) return null;
  return `${lower === null ? '' : `≥ ${formatShare(Number(lower))}`}${lower !== null && upper !== null ? ', ' : ''}${upper === null ? '' : `≤ ${formatShare(Number(upper))}`}`;
}
