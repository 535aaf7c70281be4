/** Where the demo is killed: each aim waits for its phase of the story, then for a random moment in it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@pawl/core';
import type { Life, SeenEvent } from './demo.ts';

export interface Aim {
  readonly phase: string;
  /** Resolves at the moment to kill; says where that is. */
  strike(life: Life, random: Random, answered: () => number): Promise<string>;
}

/** The last of them is what follows the pipeline: its model has met its gate, and whoever waited for that has not acted on it yet. */
const STEPS = ['extract', 'check', 'join', 'train', 'evaluate', 'register', 'gate'];

const between = (random: Random, low: number, high: number): number => low + Math.floor(random.next() * (high - low + 1));

/** A random moment of a random step of the n-th run of the pipeline, counted from 0. */
function inPipeline(phase: string, run: number): Aim {
  return {
    phase,
    async strike(life, random) {
      const step = STEPS[between(random, 0, STEPS.length - 1)] ?? 'train';
      const delay = between(random, 0, step === 'gate' ? 60 : 600);
      const runs: unknown[] = [];
      const started = await life.event((event) => {
        if (event.type === 'pipeline.run_created' && !runs.includes(event.data['run'])) runs.push(event.data['run']);
        if (step === 'gate') return event.type === 'gate.decided' && event.data['candidate'] === run + 1;
        return isStep(event, step) && runs[run] === event.data['run'];
      });
      await sleep(delay);
      return `${delay} ms into step ${step} (event ${started.seq})`;
    },
  };
}

function isStep({ type, data }: SeenEvent, step: string): boolean {
  return type === 'task.changed' && data['step'] === step && data['state'] === 'running';
}

/** Some mails after the n-th canary has begun. */
function inCanary(phase: string, rollout: number, mails: readonly [number, number]): Aim {
  return {
    phase,
    async strike(life, random, answered) {
      let canaries: number[] = [];
      const wanted = between(random, ...mails);
      await life.event((event) => {
        if (event.type === 'rollout.started' && event.data['stable'] !== null && !canaries.includes(event.seq))
          canaries = [...canaries, event.seq];
        return canaries.length > rollout;
      });
      const before = answered();
      await life.answered(before + wanted);
      const delay = between(random, 0, 12);
      await sleep(delay);
      return `${delay} ms after mail ${answered()}, the ${wanted}th since the canary began`;
    },
  };
}

/** While mails are answered and confirmations of earlier ones come in: each mail brings the labels due before it. */
function inLabelJoin(phase: string, mails: readonly [number, number]): Aim {
  return {
    phase,
    async strike(life, random, answered) {
      await life.answered(between(random, ...mails));
      const delay = between(random, 0, 12);
      await sleep(delay);
      return `${delay} ms after mail ${answered()}`;
    },
  };
}

export const AIMS: readonly Aim[] = [
  inPipeline('the first pipeline', 0),
  inLabelJoin('the label join', [40, 500]),
  inPipeline('the retraining', 1),
  inCanary('the canary', 0, [1, 400]),
  inPipeline('the bad model’s pipeline', 2),
  inCanary('the bad model’s canary', 1, [0, 20]),
];
