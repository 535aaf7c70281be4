// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';

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
    readonly numbers: Readonly<Record<string, Json>>;
  }[];
  readonly at: string;
  readonly forced: {
    readonly actor: string;
    readonly reason: string;
    readonly at: string;
  } | null;
}

export type Json = JsonValue;

export interface Metric {
  readonly key: string;
  /** A number; "NaN", "Infinity" or "-Infinity" as text. */
  readonly value: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly step: number;
  readonly time: string;
}

export interface ModelVersion {
  readonly model: string;
  readonly version: number;
  readonly package: string;
  readonly run: string | null;
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
  readonly created_at: string;
  readonly created_by: string;
  readonly key: string;
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
  readonly status: 'running' | 'finished' | 'failed' | 'killed';
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
