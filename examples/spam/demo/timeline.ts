/** Reads the server's events and tells each that matters as a line: what happened, and on what figures. */
import type { Client } from '@pawl/client';
import { printLine, printMore } from './print.ts';
import type { Tone } from './print.ts';

interface ToldEvent {
  readonly seq: number;
  readonly type: string;
  readonly time: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const BATCH = 500;

type Teller = (client: Client, event: ToldEvent) => Promise<void> | void;

const line = (event: ToldEvent, station: string, text: string, tone: Tone = 'plain'): void =>
  printLine(Date.parse(event.time), station, text, tone);
const text = (event: ToldEvent, key: string): string => String(event.data[key]);

const tellers: Readonly<Record<string, Teller>> = {
  'dataset.version_created': (_, event) => {
    if (event.actor.startsWith('user:'))
      line(
        event,
        'dataset',
        `${text(event, 'dataset')}:${text(event, 'version')} — ${text(event, 'files')} files, ${text(event, 'rows')} rows, ${text(event, 'manifest').slice(0, 19)}…`,
      );
  },
  'check.completed': (_, event) => {
    const good = event.data['verdict'] === 'passed';
    line(
      event,
      'check',
      `${text(event, 'dataset')}:${text(event, 'version')} ${text(event, 'verdict')} (${text(event, 'expectations')} expectations, ${text(event, 'failed')} not met)`,
      good ? 'plain' : 'bad',
    );
  },
  'pipeline.run_created': async (client, event) => {
    const { run } = await client.pipeline.run({ run: text(event, 'run') });
    line(event, 'pipeline', `${run.pipeline} starts (${run.cause.type}): ${run.cause.note}`);
  },
  'pipeline.run_ended': async (client, event) => {
    const { run, tasks } = await client.pipeline.run({ run: text(event, 'run') });
    const good = run.state === 'succeeded';
    const steps = tasks
      .map(
        (task) =>
          `${task.step} ${task.state === 'cached' ? 'cached' : task.state === 'succeeded' ? seconds(task.started_at, task.ended_at) : task.state}`,
      )
      .join(', ');
    line(event, 'pipeline', `${run.pipeline} ${run.state}: ${steps}`, good ? 'plain' : 'bad');
    const { metrics } = await client.run.get({ run: run.id });
    const shown = ['f1', 'precision', 'recall', 'false_positive_rate'].flatMap((key) =>
      metrics.filter((metric) => metric.key === key).map((metric) => `${key} ${Number(metric.value).toFixed(3)}`),
    );
    if (shown.length > 0) printMore(`run ${run.id.slice(0, 12)}: ${shown.join(', ')}`);
  },
  'model.version_registered': (_, event) => line(event, 'registry', `${text(event, 'model')} version ${text(event, 'version')} registered`),
  'gate.decided': async (client, event) => {
    const decision = await client.gate.decision({ decision: text(event, 'decision') });
    const against = decision.champion === null ? 'the majority class' : `version ${decision.champion}`;
    line(
      event,
      'gate',
      `${decision.verdict}: version ${decision.candidate} against ${against} on ${decision.evaluation}`,
      decision.verdict === 'PASS' ? 'good' : decision.verdict === 'FAIL' ? 'bad' : 'warn',
    );
    for (const check of decision.checks) printMore(`${check.verdict.padEnd(12)} ${check.name}: ${check.summary}`);
  },
  'gate.forced': (_, event) =>
    line(event, 'gate', `FORCED past the verdict ${text(event, 'verdict')} by ${event.actor}: ${text(event, 'reason')}`, 'warn'),
  'rollout.started': (_, event) => {
    if (event.data['stable'] !== null)
      line(
        event,
        'rollout',
        `canary of version ${text(event, 'candidate')} starts at ${Number(event.data['weight']) * 100} % beside version ${text(event, 'stable')}`,
      );
  },
  'rollout.advanced': (_, event) =>
    line(event, 'rollout', `version ${text(event, 'candidate')} goes to ${Number(event.data['weight']) * 100} %: ${text(event, 'reason')}`),
  'rollout.held': (_, event) => line(event, 'rollout', `held: ${text(event, 'reason')}`, 'warn'),
  'rollout.promoted': (_, event) => {
    line(event, 'rollout', `version ${text(event, 'candidate')} takes 100 %: promoted by ${event.actor}`, 'good');
    printMore(text(event, 'reason'));
  },
  'rollout.rolled_back': (_, event) => {
    line(
      event,
      'rollout',
      `version ${text(event, 'candidate')} is ROLLED BACK, weight 0, version ${text(event, 'stable')} answers everything`,
      'bad',
    );
    printMore(text(event, 'reason'));
  },
  'rollout.superseded': (_, event) => line(event, 'rollout', `version ${text(event, 'candidate')} superseded: ${text(event, 'reason')}`),
  'alert.pending': (_, event) => line(event, 'alert', `pending ${text(event, 'kind')}: ${text(event, 'summary')}`, 'warn'),
  'alert.fired': (_, event) => line(event, 'alert', `FIRING ${text(event, 'kind')}: ${text(event, 'summary')}`, 'bad'),
  'alert.resolved': (_, event) => line(event, 'alert', `resolved ${text(event, 'kind')}`, 'good'),
  'trigger.decided': (_, event) => line(event, 'trigger', `${text(event, 'trigger')} ${text(event, 'decision')}: ${text(event, 'reason')}`),
};

export interface Timeline {
  /** Passes over what happened before now, untold. */
  skip(): Promise<void>;
  /** Tells what happened since the last call. */
  tell(): Promise<void>;
}

/** Each event is told once, from the first on. */
export function createTimeline(client: Client): Timeline {
  let seen = 0;
  const read = async (handle: (event: ToldEvent) => Promise<void> | void): Promise<void> => {
    for (;;) {
      const { items } = await client.event.list({ after_seq: seen, limit: BATCH });
      for (const event of items) {
        await handle(event);
        seen = event.seq;
      }
      if (items.length < BATCH) return;
    }
  };
  return {
    skip: () => read(() => undefined),
    tell: () => read((event) => tellers[event.type]?.(client, event)),
  };
}

function seconds(from: string | null, to: string | null): string {
  return from === null || to === null ? '' : `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;
}
