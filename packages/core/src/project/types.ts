import type { CheckSuite } from '../check/types.ts';
import type { FeatureView } from '../feature/types.ts';
import type { ModelPolicy } from '../model/policy.ts';
import type { GateSpec } from '../gate/types.ts';
import type { MonitorSpec } from '../monitor/types.ts';
import type { PipelineSpec } from '../pipeline/types.ts';
import type { RolloutSpec } from '../rollout/types.ts';
import type { TriggerSpec } from '../trigger/types.ts';

/** What a project's files declare, parsed. */
export interface Project {
  readonly name: string;
  /** Folder of the project on the worker's machine. */
  readonly root: string;
  readonly checks: readonly CheckSuite[];
  readonly features: readonly FeatureView[];
  readonly pipelines: readonly PipelineSpec[];
  readonly triggers: readonly TriggerSpec[];
  readonly gates: readonly GateSpec[];
  readonly registry: readonly ModelPolicy[];
  readonly rollouts: readonly RolloutSpec[];
  readonly monitors: readonly MonitorSpec[];
}

export interface ProjectChange {
  readonly noun: 'check' | 'feature' | 'pipeline' | 'trigger' | 'gate' | 'registry' | 'rollout' | 'monitor';
  readonly name: string;
  readonly change: 'created' | 'changed' | 'unchanged';
}
