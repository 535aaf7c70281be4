import {
  addObservation,
  candidateRequests,
  candidateWeight,
  isHarmProven,
  judgeRollout,
  LABEL_READERS,
  PREDICTION_READERS,
  predictedLabel,
} from '@pawl/core';
import type { Clock, Database, Ids, Observation, Rollout, RolloutJudgement, StoredPrediction, Writers } from '@pawl/core';
import { Conflict, expectWon } from '../conflict.ts';
import { toEvent } from '../event.ts';
import type { ModelService } from '../model/service.ts';
import type { Loop } from '../reactor/loop.ts';
import { endRollout } from './end.ts';

export interface RolloutControllerPorts {
  readonly database: Database;
  readonly models: ModelService;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What one answer or label says of its unit. */
type Outcome = Omit<Observation, 'later'>;

const BATCH = 500;
const ACTOR = 'system:rollout';

/**
 * Feeds rollouts with what was predicted and what was labelled since it last looked, and acts on the verdict. Evidence, cursor, verdict and the move of traffic are one
 * transaction: a crash at any point counts every request exactly once.
 */
export function createRolloutController(ports: RolloutControllerPorts): Loop {
  const { database, clock } = ports;

  const absorb = async (
    cursorName: string,
    from: number,
    to: number,
    observations: ReadonlyMap<string, readonly Outcome[]>,
  ): Promise<void> => {
    await database.transaction(async (tx) => {
      if (!(await tx.events.moveCursor(cursorName, from, to))) throw new Conflict();
      for (const [id, seen] of observations) {
        const rollout = await tx.rollouts.get(id);
        if (rollout === undefined || (rollout.state !== 'running' && rollout.state !== 'held')) continue;
        const counted = await countNew(tx, rollout, seen);
        if (counted !== rollout) await settle(tx, counted, rollout.revision);
      }
    });
  };

  /** Writes a rollout with its new evidence, and whatever that evidence now decides. */
  const settle = async (tx: Writers, rollout: Rollout, storedRevision: number): Promise<void> => {
    const judgement = judgeRollout(rollout, clock.now());
    const next = { ...rollout, verdict: judgement.verdict, reason: judgement.reason, revision: storedRevision + 1 };
    if (judgement.action === 'promote' || judgement.action === 'roll_back') {
      expectWon(await tx.rollouts.update(next, storedRevision));
      const state = judgement.action === 'promote' ? 'promoted' : 'rolled_back';
      await endRollout(ports, tx, next, { state, verdict: judgement.verdict, reason: judgement.reason, actor: ACTOR });
      return;
    }
    expectWon(await tx.rollouts.update(act(next, judgement, clock.now()), storedRevision));
    const event = judgement.action === 'advance' ? 'rollout.advanced' : judgement.action === 'hold' ? 'rollout.held' : undefined;
    if (event === undefined) return;
    const weight = candidateWeight(act(next, judgement, clock.now()));
    await tx.events.append([
      toEvent(ports, event, `rollout/${rollout.id}`, ACTOR, {
        rollout: rollout.id,
        endpoint: rollout.endpoint,
        candidate: rollout.candidate,
        weight,
        reason: judgement.reason,
      }),
    ]);
  };

  const takePredictions = async (): Promise<boolean> => {
    const from = await database.read.events.cursor(PREDICTION_READERS.rollout);
    const predictions = await database.read.predictions.after(from, BATCH);
    const last = predictions.at(-1);
    if (last === undefined) return false;
    const observations = group(predictions, (one, rollout) =>
      rollout.spec.guards.flatMap((guard): Outcome[] => {
        if (guard.metric === 'failures') return [toObservation('failures', one, isFailure(one.code))];
        return guard.metric === 'slow' && one.code === 'ok' ? [toObservation('slow', one, one.latencyMs > (guard.sloMs ?? Infinity))] : [];
      }),
    );
    await absorb(PREDICTION_READERS.rollout, from, last.seq, await observations);
    return true;
  };

  const takeLabels = async (): Promise<boolean> => {
    const from = await database.read.events.cursor(LABEL_READERS.rollout);
    const labels = await database.read.predictions.labelsAfter(from, BATCH);
    const last = labels.at(-1);
    if (last === undefined) return false;
    const truth = new Map(labels.map(({ label, prediction }) => [prediction, label.value]));
    const observations = group(
      labels.map(({ prediction }) => prediction),
      (one, rollout) =>
        one.code === 'ok' && rollout.spec.guards.some((guard) => guard.metric === 'wrong')
          ? [toObservation('wrong', one, predictedLabel(one) !== truth.get(one))]
          : [],
    );
    await absorb(LABEL_READERS.rollout, from, last.label.seq, await observations);
    return true;
  };

  const group = async (
    predictions: readonly StoredPrediction[],
    observe: (one: StoredPrediction, rollout: Rollout) => readonly Outcome[],
  ): Promise<ReadonlyMap<string, readonly Outcome[]>> => {
    const grouped = new Map<string, Outcome[]>();
    const rollouts = new Map<string, Rollout | undefined>();
    for (const one of predictions) {
      if (one.rollout === null || one.candidateWeight === null) continue;
      if (!rollouts.has(one.rollout)) rollouts.set(one.rollout, await database.read.rollouts.get(one.rollout));
      const rollout = rollouts.get(one.rollout);
      if (rollout === undefined) continue;
      const list = grouped.get(one.rollout) ?? [];
      list.push(...observe(one, rollout));
      grouped.set(one.rollout, list);
    }
    return grouped;
  };

  /** Looks at the clock: least and longest times pass without any request. */
  const watchClock = async (): Promise<boolean> => {
    let acted = false;
    for (const endpoint of await database.read.rollouts.endpoints()) {
      if (endpoint.rollout === null) continue;
      const rollout = await database.read.rollouts.get(endpoint.rollout);
      if (rollout === undefined || judgeRollout(rollout, clock.now()).action === 'wait') continue;
      await database.transaction(async (tx) => {
        const current = await tx.rollouts.get(rollout.id);
        if (current === undefined || current.revision !== rollout.revision) throw new Conflict();
        await settle(tx, current, current.revision);
      });
      acted = true;
    }
    return acted;
  };

  return {
    name: 'rollout controller',
    async tick() {
      try {
        const predictions = await takePredictions();
        const labels = await takeLabels();
        const acted = await watchClock();
        return predictions || labels || acted;
      } catch (error) {
        if (error instanceof Conflict) return true;
        throw error;
      }
    },
  };
}

/**
 * Adds each unit's first outcome and first event not counted yet, in the order they were served, up to the one that proves harm: so the verdict is the same however the
 * stream is cut into batches.
 */
async function countNew(tx: Writers, rollout: Rollout, observations: readonly Outcome[]): Promise<Rollout> {
  const fresh = new Map<Observation['metric'], Set<string>>();
  for (const { metric } of rollout.spec.guards) {
    const marks = new Set(
      observations.filter((one) => one.metric === metric).flatMap((one) => [one.unit, ...(one.event ? [toEventMark(one)] : [])]),
    );
    if (marks.size > 0) fresh.set(metric, new Set(await tx.rollouts.countUnits(rollout.id, metric, Array.from(marks))));
  }
  let counted = rollout;
  for (const one of observations) {
    const first = fresh.get(one.metric)?.delete(one.unit) === true;
    const firstEvent = one.event && fresh.get(one.metric)?.delete(toEventMark(one)) === true;
    if (!first && !firstEvent) continue;
    const evidence = counted.evidence.map((held) => (held.metric === one.metric ? addObservation(held, { ...one, later: !first }) : held));
    counted = { ...counted, evidence };
    if (isHarmProven(counted)) break;
  }
  return counted;
}

function act(rollout: Rollout, judgement: RolloutJudgement, now: number): Rollout {
  if (judgement.action === 'hold') return { ...rollout, state: 'held' };
  if (judgement.action !== 'advance') return rollout;
  const requests = candidateRequests(rollout);
  return { ...rollout, step: rollout.step + 1, stepStartedAt: now, stepBase: requests };
}

/** Marks that a unit has had its event, beside the mark that it was seen; units are hex, so the two never meet. */
const toEventMark = ({ unit }: Outcome): string => `${unit} event`;

function toObservation(metric: Observation['metric'], prediction: StoredPrediction, event: boolean): Outcome {
  return {
    metric,
    event,
    candidate: prediction.arm === 'candidate',
    weight: prediction.candidateWeight ?? 0,
    // The arm is drawn once a request, so the rows of one request are one unit: ten failed rows are no ten coin flips.
    unit: prediction.keyHash ?? prediction.id,
  };
}

/** An answer that failed for the model's or the server's reasons. What the caller sent wrong speaks against no version. */
function isFailure(code: string): boolean {
  return ['prediction_failed', 'model_not_ready', 'overloaded', 'deadline_exceeded', 'features_unavailable', 'internal'].includes(code);
}
