// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';

export interface ComparedText {
  readonly key: string;
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
}

export interface DataLineage {
  readonly version: {
    readonly dataset: string;
    readonly version: number;
    /** `name:version` */
    readonly ref: string;
    readonly manifest: string;
    readonly files: number;
    readonly bytes: number;
    readonly tables: readonly {
      readonly folder: string;
      readonly format: 'parquet' | 'csv' | 'json';
      readonly files: number;
      readonly rows: number;
      readonly columns: readonly {
        readonly name: string;
        readonly type: string;
      }[];
    }[];
    readonly message: string;
    readonly author: string;
    readonly created_at: string;
    readonly parent: number | null;
    readonly branch: string;
    /** The version whose branch was merged. */
    readonly merged_from: number | null;
    /** Where its files came from, when nobody sent a folder. */
    readonly source: VersionSource | null;
    readonly status: 'unchecked' | 'accepted' | 'rejected';
    readonly task: string | null;
    /** When its content was given up. */
    readonly expired_at: string | null;
  };
  readonly checks: readonly {
    readonly id: string;
    readonly dataset: string;
    readonly version: number;
    readonly suite: string;
    readonly suite_digest: string;
    readonly environment: string | null;
    readonly verdict: 'passed' | 'failed' | 'error';
    readonly at: string;
    readonly results: readonly {
      readonly expectation: {
        readonly type: string;
        readonly kwargs: Readonly<Record<string, JsonValue>>;
        readonly severity: 'critical' | 'warning' | 'info';
        readonly environments?: readonly string[];
      };
      readonly outcome: 'passed' | 'failed' | 'error';
      /** Rows that the row condition lets through. */
      readonly element_count: number;
      /** Of these, the ones with nothing to look at; null where rows are not counted. */
      readonly missing_count: number | null;
      readonly unexpected_count: number;
      readonly observed: JsonValue;
      /** Up to 20 values that broke it. */
      readonly samples: readonly JsonValue[];
      /** Where the samples are, the first row being 1. */
      readonly rows: readonly number[];
      readonly note: string | null;
    }[];
  }[];
  /** The step that made it, in which pipeline run. */
  readonly made_by: {
    readonly run: string;
    readonly step: string;
    readonly command: string;
  } | null;
  /** The versions it was made from. */
  readonly from: readonly DataLineage[];
}

export interface Event {
  /** Grows by commit order. */
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, JsonValue>>;
}

export interface Experiment {
  readonly id: number;
  readonly name: string;
  /** Empty for the root. */
  readonly folder: string;
  /** What it is called within its folder: the last part of its name. */
  readonly label: string;
  readonly lifecycle: 'active' | 'deleted';
  readonly created_at: string;
  readonly updated_at: string;
  /** Root URI of its artifacts. */
  readonly artifact_location: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ExperimentRecord {
  readonly id: string;
  readonly name: string;
  /** null: where the server keeps artifacts. */
  readonly artifact_location: string | null;
  readonly lifecycle: 'active' | 'deleted';
  /** Whole number. */
  readonly created_at: number;
  /** Whole number. */
  readonly updated_at: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface FileRecord {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
}

export interface GateDecision {
  readonly id: string;
  readonly gate: string;
  readonly model: string;
  readonly candidate: number;
  /** null when there was no model in Production. */
  readonly champion: number | null;
  readonly evaluation: string;
  readonly verdict: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
  readonly checks: readonly {
    readonly name: string;
    readonly verdict: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
    readonly summary: string;
    readonly numbers: Readonly<Record<string, JsonValue>>;
  }[];
  readonly at: string;
  readonly forced: {
    readonly actor: string;
    readonly reason: string;
    readonly at: string;
  } | null;
}

export interface GcRun {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  /** What it is at. */
  readonly phase: string;
  readonly dry_run: boolean;
  readonly older_than_ms: number;
  readonly grace_ms: number;
  readonly lines: readonly {
    readonly kind: string;
    /** In a dry run: what would be. */
    readonly removed: number;
    readonly bytes: number;
    /** Could go, and stays because something refers to it. */
    readonly held: number;
    readonly examples: readonly {
      readonly id: string;
      readonly name: string;
      /** Null when it goes. */
      readonly held_by: {
        readonly kind: string;
        readonly name: string;
      } | null;
    }[];
  }[];
  /** Content that nothing refers to, and that is younger than the grace period. */
  readonly waiting: {
    readonly count: number;
    readonly bytes: number;
  };
  /** Content that is referred to. */
  readonly kept: {
    readonly count: number;
    readonly bytes: number;
  };
  readonly problem: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly actor: string;
}

export interface LoggedModel {
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  /** What its framework calls it; may be empty. */
  readonly type: string;
  readonly status: 'pending' | 'ready' | 'failed';
  readonly run: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Metric {
  readonly key: string;
  /** A number; "NaN", "Infinity" or "-Infinity" as text. */
  readonly value: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly step: number;
  readonly time: string;
}

export interface ModelLineage {
  readonly version: ModelVersion;
  readonly run: Run | null;
  readonly metrics: readonly Metric[];
  readonly pipeline_run: PipelineRunRecord | null;
  readonly data: readonly {
    readonly role: string;
    readonly lineage: DataLineage;
  }[];
  readonly gate: GateDecision | null;
  /** The newest rollout of this version: who or what moved it, when and why. */
  readonly rollout: Rollout | null;
}

export interface ModelVersion {
  readonly model: string;
  readonly version: number;
  /** Manifest of its files; null when they are not stored here. */
  readonly package: string | null;
  /** URI it was registered from; null when its files were. */
  readonly source: string | null;
  /** Where clients of MLflow load it from. */
  readonly location: string | null;
  readonly logged_model: string | null;
  readonly run: string | null;
  readonly run_link: string;
  readonly task: string | null;
  readonly inputs: readonly {
    /** `name:version`. */
    readonly ref: string;
    /** What it was used for, such as `training`. */
    readonly role: string;
  }[];
  /** Frozen data it is to be judged on. */
  readonly evaluation: string | null;
  readonly stage: 'None' | 'Staging' | 'Production' | 'Archived';
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  /** Who let it into Production although its gate had not said PASS. */
  readonly forced: {
    readonly actor: string;
    readonly reason: string;
    readonly at: string;
    /** What the gate said. */
    readonly verdict: string;
  } | null;
  readonly key: string;
}

export interface PipelineRunRecord {
  readonly id: string;
  readonly pipeline: string;
  readonly digest: string;
  readonly params: Readonly<Record<string, string>>;
  /** Versions pinned at the start, by dataset. */
  readonly datasets: Readonly<Record<string, number>>;
  /** When a clock or a backfill wanted it, and the data it is about. */
  readonly schedule: {
    readonly scheduled_for: string;
    readonly interval_start: string;
    readonly interval_end: string;
  } | null;
  readonly cause: {
    readonly type: 'manual' | 'trigger' | 'backfill';
    readonly actor: string;
    readonly key: string;
    readonly event: string | null;
    readonly note: string;
  };
  readonly state: 'running' | 'paused' | 'canceling' | 'succeeded' | 'failed' | 'canceled';
  /** Why it failed though its steps did not. */
  readonly error: string | null;
  /** The run it repeats. */
  readonly rerun_of: string | null;
  /** The first step that runs again; what does not depend on it kept its result. */
  readonly rerun_from: string | null;
  readonly no_cache: boolean;
  readonly created_at: string;
  readonly ended_at: string | null;
}

export interface PythonEnvironment {
  readonly digest: string;
  /** Of Python. */
  readonly version: string;
  readonly requirements: readonly string[];
  readonly bytes: number;
  readonly created_at: string;
  readonly used_at: string;
}

export interface Rollout {
  readonly id: string;
  readonly endpoint: string;
  readonly model: string;
  readonly candidate: number;
  readonly stable: number | null;
  readonly state: 'running' | 'held' | 'promoted' | 'rolled_back' | 'superseded';
  /** 1, 2, 3, … */
  readonly step: number;
  readonly steps: number;
  /** The candidate's share of traffic now. */
  readonly weight: number;
  readonly started_at: string;
  readonly step_started_at: string;
  readonly ended_at: string | null;
  readonly verdict: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
  readonly reason: string;
  readonly actor: string;
}

export interface Run {
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  readonly status: 'scheduled' | 'running' | 'finished' | 'failed' | 'killed';
  /** Who made it; may be empty. */
  readonly user: string;
  readonly lifecycle: 'active' | 'deleted';
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly code: {
    readonly commit: string;
    readonly branch: string | null;
    readonly patch: string | null;
  } | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RunRecord {
  readonly id: string;
  /** Number of the experiment on this server. */
  readonly experiment: number;
  readonly name: string;
  readonly status: 'scheduled' | 'running' | 'finished' | 'failed' | 'killed';
  readonly user: string;
  /** Whole number. */
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly lifecycle: 'active' | 'deleted';
  readonly deleted_at: number | null;
  /** null: below the root of its experiment. */
  readonly artifact_uri: string | null;
  readonly code: {
    readonly commit: string;
    readonly branch: string | null;
    readonly patch: string | null;
  } | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly inputs: readonly {
    readonly dataset: string;
    /** Whole number. */
    readonly version: number;
    readonly role: string;
  }[];
  readonly datasets: readonly {
    readonly name: string;
    readonly digest: string;
    readonly source_type: string;
    readonly source: string;
    readonly schema: string | null;
    readonly profile: string | null;
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly model_inputs: readonly string[];
  readonly model_outputs: readonly {
    readonly model: string;
    /** Whole number. */
    readonly step: number;
  }[];
}

export interface SeriesRecord {
  readonly key: string;
  /** Step, time and value of each. */
  readonly points: readonly (readonly [number, number, number | 'NaN' | 'Infinity' | '-Infinity'])[];
}

export interface StageMove {
  readonly version: ModelVersion;
  /** The request that the move needs; null where nobody is asked. */
  readonly request: StageRequest | null;
  /** Under way to Production. */
  readonly rollouts: readonly Rollout[];
}

export interface StageRequest {
  readonly id: string;
  readonly model: string;
  readonly version: number;
  /** Whose rules apply. */
  readonly stage: 'None' | 'Staging' | 'Production' | 'Archived';
  /** The alias that is to name the version; null when the version is to enter the stage. */
  readonly alias: string | null;
  readonly reason: string;
  /** Who overruled the gate with it. */
  readonly forced: {
    readonly actor: string;
    readonly reason: string;
    readonly at: string;
    /** What the gate said. */
    readonly verdict: string;
  } | null;
  readonly state: 'pending' | 'granted' | 'refused' | 'withdrawn' | 'expired';
  readonly requested_by: string;
  readonly requested_at: string;
  readonly expires_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  /** Why it was granted, refused or withdrawn. */
  readonly note: string;
}

export type VersionSource =
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly etag: string | null;
      readonly digest: string;
    }
  | {
      readonly kind: 'query';
      readonly sql: string;
      readonly inputs: readonly {
        readonly dataset: string;
        readonly version: number;
        readonly as?: string;
      }[];
      readonly source?: string;
    };
