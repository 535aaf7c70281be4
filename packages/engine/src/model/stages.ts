import { checkModelAlias, fault, isPrompt, standsForProduction } from '@pawl/core';
import type {
  Clock,
  Database,
  ForcedEntry,
  Ids,
  ModelPolicy,
  ModelVersion,
  Page,
  PageRequest,
  Rollout,
  StageDecision,
  StageRequest,
  StageRequestFilter,
  Writers,
} from '@pawl/core';
import { expectWon, retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';
import type { RolloutService } from '../rollout/service.ts';
import { requireEntry } from './entry.ts';
import { askFor, decide, findRequest } from './requests.ts';
import { isGoverned, requireUnused } from './rules.ts';
import { moveStage } from './stage.ts';
import type { StageMove } from './stage.ts';

export interface StagePorts {
  readonly database: Database;
  readonly rollouts: RolloutService;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface WantedStage extends StageMove {
  /** Overrules the gate, for whoever may; `reason` says why. */
  readonly force?: boolean;
}

export interface WantedAlias {
  readonly model: string;
  readonly alias: string;
  readonly version: number;
  readonly reason?: string;
  readonly force?: boolean;
  readonly actor: string;
}

/** What became of a wish to move. `request` is the one that waits or was granted, null where nobody is asked. */
export interface MoveOutcome {
  readonly version: ModelVersion;
  readonly request: StageRequest | null;
  /** Under way to Production: endpoints take a version by rollout. */
  readonly rollouts: readonly Rollout[];
}

/** How versions move through stages, and aliases that mean Production, by the rules of the project that governs the model. */
export interface StageService {
  define(tx: Writers, policy: ModelPolicy): Promise<void>;
  policy(model: string): Promise<ModelPolicy | undefined>;
  /**
   * Moves a version to a stage; where its rules ask for approval it makes the request, once. Production takes what passed the gate against the version that is there now, or
   * what somebody who may forces, and takes it by rollout where the model has endpoints. Throws `model_not_gated`, `model_force_denied`, `model_version_in_use`,
   * `model_production_full`, `model_version_not_found`.
   */
  move(input: WantedStage): Promise<MoveOutcome>;
  /** The same of an alias that means Production; any other is set at once. */
  setAlias(input: WantedAlias): Promise<MoveOutcome>;
  /** Throws `stage_request_not_found`. */
  request(id: string): Promise<StageRequest>;
  requests(filter: StageRequestFilter, page: PageRequest): Promise<Page<StageRequest>>;
  /** A granted move happens in the same transaction; the gate is asked again. Throws `stage_request_ended`, `stage_request_denied`, and what `move` throws. */
  decide(input: {
    readonly id: string;
    readonly decision: StageDecision;
    readonly note: string;
    readonly actor: string;
  }): Promise<MoveOutcome>;
}

export function createStageService(ports: StagePorts): StageService {
  const { database, rollouts, clock } = ports;

  const find = async (tx: Writers, model: string, version: number): Promise<ModelVersion> => {
    const found = await tx.models.version(model, version);
    if (found === undefined) throw fault('model_version_not_found', { name: model, version: String(version) });
    return found;
  };

  const markForced = async (tx: Writers, version: ModelVersion, forced: ForcedEntry | null): Promise<ModelVersion> => {
    if (forced === null && version.forced === null) return version;
    const marked = { ...version, forced, revision: version.revision + 1 };
    expectWon(await tx.models.updateVersion(marked, version.revision));
    return marked;
  };

  /** By rollout at every endpoint of the model that answers with another version; at once where there is none. */
  const enterProduction = async (tx: Writers, move: StageMove, forced: ForcedEntry | null): Promise<Omit<MoveOutcome, 'request'>> => {
    const { model, version, actor } = move;
    const started: Rollout[] = [];
    for (const endpoint of await tx.rollouts.endpoints()) {
      if (endpoint.model !== model || endpoint.stable === version) continue;
      started.push(await rollouts.startIn(tx, { id: ports.ids.next(), endpoint: endpoint.name, candidate: version, actor }));
    }
    if (started.length === 0) await moveStage(ports, tx, move);
    const running = started.filter(({ state }) => state === 'running' || state === 'held');
    return { version: await markForced(tx, await find(tx, model, version), forced), rollouts: running };
  };

  const perform = async (tx: Writers, move: StageMove, forced: ForcedEntry | null): Promise<Omit<MoveOutcome, 'request'>> =>
    move.stage === 'Production' ? enterProduction(tx, move, forced) : { version: await moveStage(ports, tx, move), rollouts: [] };

  const pointAlias = async (tx: Writers, { model, alias, version, actor }: WantedAlias): Promise<void> => {
    const tags = (await tx.models.get(model))?.tags ?? {};
    await tx.models.setAlias({ model, alias, version });
    const data = { model, alias, version, prompt: isPrompt(tags) };
    await tx.events.append([toEvent(ports, 'model.alias_set', `model/${model}/${version}`, actor, data)]);
  };

  const entryOf = ({ model, version, force = false, reason = '', actor }: WantedAlias | WantedStage) => ({
    model,
    version,
    force,
    reason,
    actor,
    now: clock.now(),
  });

  const moveIn = async (tx: Writers, input: WantedStage): Promise<MoveOutcome> => {
    const { model, version, stage, archiveOthers = null, reason, actor } = input;
    const found = await find(tx, model, version);
    if (found.stage === stage) return { version: await moveStage(ports, tx, input), request: null, rollouts: [] };
    if (found.stage === 'Production') await requireUnused(tx, model, version);
    const policy = await tx.approvals.policy(model);
    const forced = stage === 'Production' ? await requireEntry(tx, policy, entryOf(input)) : null;
    const rule = policy?.approvals[stage];
    if (rule === undefined) return { ...(await perform(tx, input, forced)), request: null };
    const request = await askFor(ports, tx, rule, {
      model,
      version,
      stage,
      alias: null,
      archiveOthers,
      reason,
      forced,
      requestedBy: actor,
    });
    if (request.state === 'pending') return { version: found, request, rollouts: [] };
    return { ...(await perform(tx, input, forced)), request };
  };

  const aliasIn = async (tx: Writers, input: WantedAlias): Promise<MoveOutcome> => {
    const { model, alias, version, reason = '', actor } = input;
    const found = await find(tx, model, version);
    const policy = await tx.approvals.policy(model);
    const free = found.stage === 'Production' || !standsForProduction(policy, alias) || !(await isGoverned(tx, model));
    const forced = free ? null : await requireEntry(tx, policy, entryOf(input));
    const rule = free ? undefined : policy?.approvals.Production;
    const wanted = { model, version, stage: 'Production', alias, archiveOthers: null, reason, forced, requestedBy: actor } as const;
    const request = rule === undefined ? null : await askFor(ports, tx, rule, wanted);
    if (request?.state === 'pending') return { version: found, request, rollouts: [] };
    await pointAlias(tx, input);
    return { version: free ? found : await markForced(tx, found, forced ?? found.forced), request, rollouts: [] };
  };

  const grantIn = async (tx: Writers, request: StageRequest, note: string, actor: string): Promise<MoveOutcome> => {
    const { model, version, stage, alias, archiveOthers, forced: asked } = request;
    const found = await find(tx, model, version);
    const granted = await decide(ports, tx, request, { decision: 'grant', actor, note });
    const policy = await tx.approvals.policy(model);
    // Asked again: Production may have moved since. A force was allowed to whoever made the request.
    const entry = { model, version, force: false, reason: '', actor, now: clock.now() };
    const forced = asked ?? (stage === 'Production' ? await requireEntry(tx, policy, entry) : null);
    if (alias !== null) {
      await pointAlias(tx, { model, alias, version, actor });
      return { version: await markForced(tx, found, forced ?? found.forced), request: granted, rollouts: [] };
    }
    const reason = `${request.reason === '' ? 'no reason given' : request.reason} (asked by ${request.requestedBy}, request ${request.id})`;
    const move = { model, version, stage, reason, actor, ...(archiveOthers === null ? {} : { archiveOthers }) };
    return { ...(await perform(tx, move, forced)), request: granted };
  };

  return {
    async define(tx, policy) {
      await tx.approvals.putPolicy(policy);
      await tx.events.append([toEvent(ports, 'model.policy_defined', `model/${policy.model}`, 'system:apply', { model: policy.model })]);
    },
    policy: (model) => database.read.approvals.policy(model),
    move: (input) => retryOnConflict(`Model "${input.model}"`, () => database.transaction((tx) => moveIn(tx, input))),
    async setAlias(input) {
      checkModelAlias(input.alias);
      return retryOnConflict(`Model "${input.model}"`, () => database.transaction((tx) => aliasIn(tx, input)));
    },
    request: (id) => findRequest(database.read, id),
    requests: (filter, page) => database.read.approvals.requests(filter, page),
    decide: ({ id, decision, note, actor }) =>
      retryOnConflict(`Request ${id}`, () =>
        database.transaction(async (tx) => {
          const request = await findRequest(tx, id);
          if (decision === 'grant') return grantIn(tx, request, note, actor);
          const decided = await decide(ports, tx, request, { decision, actor, note });
          return { version: await find(tx, request.model, request.version), request: decided, rollouts: [] };
        }),
      ),
  };
}
