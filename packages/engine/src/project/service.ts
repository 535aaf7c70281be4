import { fault, toCanonicalJson } from '@pawl/core';
import type { Database, Project, ProjectChange, Readers, Writers } from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import type { CheckService } from '../check/service.ts';
import type { FeatureService } from '../feature/service.ts';
import type { GateService } from '../gate/service.ts';
import type { MonitorService } from '../monitor/service.ts';
import type { PipelineService } from '../pipeline/service.ts';
import type { StageService } from '../model/stages.ts';
import type { RolloutService } from '../rollout/service.ts';
import type { TriggerService } from '../trigger/service.ts';

export interface ProjectPorts {
  readonly database: Database;
  readonly checks: CheckService;
  readonly features: FeatureService;
  readonly pipelines: PipelineService;
  readonly triggers: TriggerService;
  readonly gates: GateService;
  readonly stages: StageService;
  readonly rollouts: RolloutService;
  readonly monitors: MonitorService;
}

export interface ProjectService {
  /**
   * Makes the server match the project's files, all or nothing, and says what it changed; a dry run does the same and undoes it, so that it refuses what the apply would refuse.
   * What the files no longer name stays as it is. Throws `invalid_input` when two parts take one place, since the later would undo the earlier at every apply, and whatever the
   * nouns' services throw.
   */
  apply(project: Project, input: { readonly dryRun: boolean; readonly actor: string }): Promise<readonly ProjectChange[]>;
}

interface Part {
  readonly noun: ProjectChange['noun'];
  readonly name: string;
  readonly wanted: unknown;
  readonly found: (read: Readers) => Promise<unknown>;
  readonly write: (tx: Writers) => Promise<unknown>;
}

export function createProjectService(ports: ProjectPorts): ProjectService {
  const { database } = ports;

  const toParts = (project: Project, actor: string): readonly Part[] => [
    ...project.checks.map((spec): Part => ({
      noun: 'check',
      name: spec.name,
      wanted: spec,
      found: (read) => read.checks.suite(spec.name),
      write: (tx) => ports.checks.define(tx, spec),
    })),
    ...project.features.map((spec): Part => ({
      noun: 'feature',
      name: spec.name,
      wanted: spec,
      found: (read) => read.features.view(spec.name),
      write: (tx) => ports.features.define(tx, spec),
    })),
    ...project.gates.map((spec): Part => ({
      noun: 'gate',
      name: spec.name,
      wanted: spec,
      found: (read) => read.gates.spec(spec.model),
      write: (tx) => ports.gates.define(tx, spec),
    })),
    ...project.registry.map((policy): Part => ({
      noun: 'registry',
      name: policy.model,
      wanted: policy,
      found: (read) => read.approvals.policy(policy.model),
      write: (tx) => ports.stages.define(tx, policy),
    })),
    ...project.rollouts.map((spec): Part => ({
      noun: 'rollout',
      name: spec.name,
      wanted: spec,
      found: (read) => read.rollouts.spec(spec.endpoint),
      write: (tx) => ports.rollouts.define(tx, spec),
    })),
    ...project.monitors.map((spec): Part => ({
      noun: 'monitor',
      name: spec.name,
      wanted: spec,
      found: (read) => read.monitors.spec(spec.name),
      write: (tx) => ports.monitors.define(tx, spec),
    })),
    ...project.pipelines.map((spec): Part => ({
      noun: 'pipeline',
      name: spec.name,
      wanted: { spec, root: project.root },
      found: async (read) => {
        const pipeline = await read.pipelines.get(spec.name);
        return pipeline === undefined ? undefined : { spec: pipeline.spec, root: pipeline.root };
      },
      write: (tx) => ports.pipelines.define(tx, spec, project.root, actor),
    })),
    ...project.triggers.map((spec): Part => ({
      noun: 'trigger',
      name: spec.name,
      wanted: spec,
      found: (read) => read.triggers.get(spec.name),
      write: (tx) => ports.triggers.define(tx, spec, actor),
    })),
  ];

  return {
    async apply(project, { dryRun, actor }) {
      checkPlaces(project);
      const parts = toParts(project, actor);
      const write: Write = async (tx) => {
        const changes: ProjectChange[] = [];
        for (const { noun, name, wanted, found, write: define } of parts) {
          const before = await found(tx);
          const change = before === undefined ? 'created' : toCanonicalJson(before) === toCanonicalJson(wanted) ? 'unchanged' : 'changed';
          if (change !== 'unchanged') await define(tx);
          changes.push({ noun, name, change });
        }
        return changes;
      };
      return retryOnConflict(`Project "${project.name}"`, () => (dryRun ? rehearse(database, write) : database.transaction(write)));
    },
  };
}

type Write = (tx: Writers) => Promise<readonly ProjectChange[]>;

/** What a transaction would change; nothing of it stays. */
async function rehearse(database: Database, write: Write): Promise<readonly ProjectChange[]> {
  let changes: readonly ProjectChange[] = [];
  const undone = new Error('A rehearsal is undone.');
  try {
    await database.transaction(async (tx) => {
      changes = await write(tx);
      throw undone;
    });
  } catch (error) {
    if (error !== undone) throw error;
  }
  return changes;
}

/** A model has one gate and an endpoint one rollout; everything else goes by its name. */
function checkPlaces(project: Project): void {
  const places = [
    ...project.checks.map((one) => `check "${one.name}"`),
    ...project.features.map((one) => `feature view "${one.name}"`),
    ...project.pipelines.map((one) => `pipeline "${one.name}"`),
    ...project.triggers.map((one) => `trigger "${one.name}"`),
    ...project.gates.map((one) => `gate of model "${one.model}"`),
    ...project.registry.map((one) => `registry rules of model "${one.model}"`),
    ...project.rollouts.map((one) => `rollout of endpoint "${one.endpoint}"`),
    ...project.monitors.map((one) => `monitor "${one.name}"`),
  ];
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice !== undefined) throw fault('invalid_input', { where: twice, problem: 'the project declares it twice; keep one.' });
}
