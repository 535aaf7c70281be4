import { fault, toCanonicalJson } from '@pawl/core';
import type { Database, Project, ProjectChange, Readers, Writers } from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import type { CheckService } from '../check/service.ts';
import type { FeatureService } from '../feature/service.ts';
import type { GateService } from '../gate/service.ts';
import type { MonitorService } from '../monitor/service.ts';
import type { PipelineService } from '../pipeline/service.ts';
import type { RolloutService } from '../rollout/service.ts';
import type { TriggerService } from '../trigger/service.ts';

export interface ProjectPorts {
  readonly database: Database;
  readonly checks: CheckService;
  readonly features: FeatureService;
  readonly pipelines: PipelineService;
  readonly triggers: TriggerService;
  readonly gates: GateService;
  readonly rollouts: RolloutService;
  readonly monitors: MonitorService;
}

export interface ProjectService {
  /**
   * Makes the server match the project's files and says what it changed; a dry run only says it. What the files no longer name stays as it is.
   * Throws `invalid_input` when two parts take one place: the later would undo the earlier at every apply.
   */
  apply(project: Project, input: { readonly dryRun: boolean; readonly actor: string }): Promise<readonly ProjectChange[]>;
}

interface Part {
  readonly noun: ProjectChange['noun'];
  readonly name: string;
  readonly wanted: unknown;
  readonly found: (read: Readers) => Promise<unknown>;
  /** Inside the one transaction of the apply; pipelines, which keep their own, come last. */
  readonly write: ((tx: Writers) => Promise<void>) | undefined;
  readonly after: (() => Promise<unknown>) | undefined;
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
      after: undefined,
    })),
    ...project.features.map((spec): Part => ({
      noun: 'feature',
      name: spec.name,
      wanted: spec,
      found: (read) => read.features.view(spec.name),
      write: (tx) => ports.features.define(tx, spec),
      after: undefined,
    })),
    ...project.gates.map((spec): Part => ({
      noun: 'gate',
      name: spec.name,
      wanted: spec,
      found: (read) => read.gates.spec(spec.model),
      write: (tx) => ports.gates.define(tx, spec),
      after: undefined,
    })),
    ...project.rollouts.map((spec): Part => ({
      noun: 'rollout',
      name: spec.name,
      wanted: spec,
      found: (read) => read.rollouts.spec(spec.endpoint),
      write: (tx) => ports.rollouts.define(tx, spec),
      after: undefined,
    })),
    ...project.monitors.map((spec): Part => ({
      noun: 'monitor',
      name: spec.name,
      wanted: spec,
      found: (read) => read.monitors.spec(spec.name),
      write: (tx) => ports.monitors.define(tx, spec),
      after: undefined,
    })),
    ...project.pipelines.map((spec): Part => ({
      noun: 'pipeline',
      name: spec.name,
      wanted: { spec, root: project.root },
      found: async (read) => {
        const pipeline = await read.pipelines.get(spec.name);
        return pipeline === undefined ? undefined : { spec: pipeline.spec, root: pipeline.root };
      },
      write: undefined,
      after: () => ports.pipelines.define(spec, project.root, actor),
    })),
    ...project.triggers.map((spec): Part => ({
      noun: 'trigger',
      name: spec.name,
      wanted: spec,
      found: (read) => read.triggers.get(spec.name),
      write: undefined,
      after: () => ports.triggers.define(spec, actor),
    })),
  ];

  return {
    async apply(project, { dryRun, actor }) {
      checkPlaces(project);
      const parts = toParts(project, actor);
      const judged: { part: Part; change: ProjectChange['change'] }[] = [];
      for (const part of parts) {
        const found = await part.found(database.read);
        const change = found === undefined ? 'created' : toCanonicalJson(found) === toCanonicalJson(part.wanted) ? 'unchanged' : 'changed';
        judged.push({ part, change });
      }
      const changed = judged.filter(({ change }) => change !== 'unchanged').map(({ part }) => part);
      if (!dryRun && changed.length > 0) {
        await retryOnConflict(`Project "${project.name}"`, () =>
          database.transaction(async (tx) => {
            for (const part of changed) await part.write?.(tx);
          }),
        );
        for (const part of changed) await part.after?.();
      }
      return judged.map(({ part, change }) => ({ noun: part.noun, name: part.name, change }));
    },
  };
}

/** A model has one gate and an endpoint one rollout; everything else goes by its name. */
function checkPlaces(project: Project): void {
  const places = [
    ...project.checks.map((one) => `check "${one.name}"`),
    ...project.features.map((one) => `feature view "${one.name}"`),
    ...project.pipelines.map((one) => `pipeline "${one.name}"`),
    ...project.triggers.map((one) => `trigger "${one.name}"`),
    ...project.gates.map((one) => `gate of model "${one.model}"`),
    ...project.rollouts.map((one) => `rollout of endpoint "${one.endpoint}"`),
    ...project.monitors.map((one) => `monitor "${one.name}"`),
  ];
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice !== undefined) throw fault('invalid_input', { where: twice, problem: 'the project declares it twice; keep one.' });
}
