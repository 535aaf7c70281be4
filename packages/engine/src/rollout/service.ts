import { candidateWeight, describeStanding, emptyEvidence, fault, gateStanding } from '@pawl/core';
import type { Clock, Database, Endpoint, Ids, Page, PageRequest, Rollout, RolloutFilter, RolloutSpec, Writers } from '@pawl/core';
import { Conflict, expectWon, retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { inProduction } from '../model/entry.ts';
import { requirePackage } from '../model/rules.ts';
import type { ModelService } from '../model/service.ts';
import { answersElsewhere, endRollout } from './end.ts';

export interface RolloutPorts {
  readonly database: Database;
  readonly models: ModelService;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface StartRollout {
  /** Starting again under the same id gives the same rollout. */
  readonly id: string;
  readonly endpoint: string;
  readonly candidate: number;
  readonly actor: string;
}

export interface RolloutService {
  /** Declares an endpoint and how candidates reach it. */
  define(tx: Writers, spec: RolloutSpec): Promise<void>;
  specs(): Promise<readonly RolloutSpec[]>;
  endpoints(): Promise<readonly Endpoint[]>;
  endpoint(name: string): Promise<Endpoint>;
  /**
   * Starts a candidate on its way. A rollout of another version under way is superseded; one of this version goes on, with its evidence, and is given back.
   * The first version of an endpoint is promoted at once: there is nothing to compare it with.
   * Throws `rollout_not_declared`, `rollout_needs_gate`, `rollout_needs_approval`, `model_version_not_found`, `invalid_input` when the version answers there already.
   */
  start(input: StartRollout): Promise<Rollout>;
  /** The same inside a transaction, for a version that is known to be let into Production: neither its gate nor an approver is asked. */
  startIn(tx: Writers, input: StartRollout): Promise<Rollout>;
  get(id: string): Promise<Rollout>;
  list(filter: RolloutFilter, page: PageRequest): Promise<Page<Rollout>>;
  /** A person's decision on a rollout that is running or held. Throws `rollout_ended`. */
  decide(input: {
    readonly id: string;
    readonly decision: 'promote' | 'roll_back';
    readonly reason: string;
    readonly actor: string;
  }): Promise<Rollout>;
}

export function createRolloutService(ports: RolloutPorts): RolloutService {
  const { database, clock } = ports;

  const get = async (id: string): Promise<Rollout> => {
    const found = await database.read.rollouts.get(id);
    if (found === undefined) throw fault('rollout_not_found', { id });
    return found;
  };

  const endpoint = async (name: string): Promise<Endpoint> => {
    const found = await database.read.rollouts.endpoint(name);
    if (found === undefined) throw fault('endpoint_not_found', { name });
    return found;
  };

  const begin = async (tx: Writers, input: StartRollout): Promise<Rollout> => {
    const earlier = await tx.rollouts.get(input.id);
    if (earlier !== undefined) return earlier;
    const target = await tx.rollouts.endpoint(input.endpoint);
    const spec = await tx.rollouts.spec(input.endpoint);
    if (target === undefined || spec === undefined) throw fault('rollout_not_declared', { endpoint: input.endpoint });
    const version = await tx.models.version(spec.model, input.candidate);
    if (version === undefined) throw fault('model_version_not_found', { name: spec.model, version: String(input.candidate) });
    requirePackage(version);
    if (target.stable === input.candidate)
      throw fault('invalid_input', {
        where: `version ${input.candidate} of model "${spec.model}"`,
        problem: `it already answers at endpoint "${input.endpoint}"; there is nothing to roll out.`,
      });
    const running = target.rollout === null ? undefined : await tx.rollouts.get(target.rollout);
    if (running?.candidate === input.candidate) return running;
    if (running !== undefined) {
      await endRollout(ports, tx, running, {
        state: 'superseded',
        verdict: 'INCONCLUSIVE',
        reason: `version ${input.candidate} took its place`,
        actor: input.actor,
      });
    }
    const now = clock.now();
    const rollout: Rollout = {
      id: input.id,
      endpoint: input.endpoint,
      model: spec.model,
      candidate: input.candidate,
      stable: target.stable,
      spec,
      state: 'running',
      step: 0,
      startedAt: now,
      stepStartedAt: now,
      endedAt: null,
      stepBase: 0,
      evidence: spec.guards.map(emptyEvidence),
      verdict: 'INCONCLUSIVE',
      reason: 'started',
      actor: input.actor,
      revision: 1,
    };
    if (!(await tx.rollouts.insert(rollout))) throw new Conflict();
    const current = (await tx.rollouts.endpoint(input.endpoint)) ?? target;
    expectWon(await tx.rollouts.putEndpoint({ ...current, rollout: rollout.id, revision: current.revision + 1 }, current.revision));
    await tx.events.append([
      toEvent(ports, 'rollout.started', `rollout/${rollout.id}`, input.actor, {
        rollout: rollout.id,
        endpoint: rollout.endpoint,
        model: rollout.model,
        candidate: rollout.candidate,
        stable: rollout.stable,
        weight: candidateWeight(rollout),
      }),
    ]);
    if (target.stable !== null) {
      if (!(await answersElsewhere(tx, rollout))) {
        await ports.models.setStage(tx, {
          model: spec.model,
          version: input.candidate,
          stage: 'Staging',
          reason: `rollout ${rollout.id}`,
          actor: input.actor,
        });
      }
      return rollout;
    }
    return endRollout(ports, tx, rollout, {
      state: 'promoted',
      verdict: 'PASS',
      reason: 'first model of this endpoint: there is nothing to compare it with',
      actor: input.actor,
    });
  };

  return {
    get,
    endpoint,
    endpoints: () => database.read.rollouts.endpoints(),
    list: (filter, page) => database.read.rollouts.list(filter, page),
    async specs() {
      const specs = await Promise.all((await database.read.rollouts.endpoints()).map((one) => database.read.rollouts.spec(one.name)));
      return specs.filter((spec) => spec !== undefined);
    },
    async define(tx, spec) {
      const metrics = spec.guards.map((guard) => guard.metric);
      if (new Set(metrics).size < metrics.length)
        throw fault('invalid_input', { where: `guards of rollout "${spec.name}"`, problem: 'each metric may be guarded once.' });
      await tx.rollouts.putSpec(spec);
      const existing = await tx.rollouts.endpoint(spec.endpoint);
      if (existing === undefined) {
        expectWon(
          await tx.rollouts.putEndpoint({ name: spec.endpoint, model: spec.model, stable: null, rollout: null, revision: 1 }, null),
        );
      } else if (existing.model !== spec.model) {
        throw fault('invalid_input', {
          where: `rollout "${spec.name}"`,
          problem: `endpoint "${spec.endpoint}" already serves model "${existing.model}"; give the new model an endpoint of its own.`,
        });
      }
      await tx.events.append([
        toEvent(ports, 'rollout.defined', `endpoint/${spec.endpoint}`, 'system:apply', { endpoint: spec.endpoint, model: spec.model }),
      ]);
    },
    start: (input) =>
      retryOnConflict(`Endpoint "${input.endpoint}"`, () =>
        database.transaction(async (tx) => {
          if ((await tx.rollouts.get(input.id)) === undefined) await requireLet(tx, input);
          return begin(tx, input);
        }),
      ),
    startIn: begin,
    decide: ({ id, decision, reason, actor }) =>
      retryOnConflict(`Rollout ${id}`, async () => {
        const rollout = await get(id);
        if (rollout.state !== 'running' && rollout.state !== 'held') throw fault('rollout_ended', { id, state: rollout.state });
        return database.transaction((tx) =>
          endRollout(ports, tx, rollout, {
            state: decision === 'promote' ? 'promoted' : 'rolled_back',
            verdict: rollout.verdict,
            reason: `${actor} decided: ${reason}`,
            actor,
          }),
        );
      }),
  };
}

/** Whether the gate and, where the model's rules ask for one, an approver have let the version on its way. Who has granted it to Production before has not granted this. */
async function requireLet(tx: Writers, { endpoint, candidate }: StartRollout): Promise<void> {
  const model = (await tx.rollouts.spec(endpoint))?.model;
  const found = model === undefined ? undefined : await tx.models.version(model, candidate);
  if (model === undefined || found === undefined || found.stage === 'Production') return;
  if ((await tx.gates.spec(model)) !== undefined) {
    const decision = await tx.gates.latest(model, candidate);
    const production = await inProduction(tx, model);
    const standing = gateStanding(decision, candidate, production);
    if (standing !== 'passed' && standing !== 'forced')
      throw fault('rollout_needs_gate', { model, version: candidate, verdict: describeStanding(standing, decision, production) });
  }
  const rule = (await tx.approvals.policy(model))?.approvals.Production;
  if (rule !== undefined) throw fault('rollout_needs_approval', { model, version: candidate });
}
