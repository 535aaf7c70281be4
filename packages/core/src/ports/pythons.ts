import type { StepPython } from '../pipeline/types.ts';
import type { Digest } from './digest.ts';

/** Which Python a step runs on. Nothing of it is made yet. */
export interface PythonPlan {
  /** Of the interpreter; full, such as `3.11.7`. */
  readonly version: string;
  /** That the environment is made with, or the one that is used as it is. */
  readonly interpreter: string;
  /** Of all that decides what is installed; null for an interpreter that is used as it is. */
  readonly environment: Digest | null;
  /** As pip reads it. */
  readonly requirements: string;
}

/** A virtual environment that steps share. */
export interface PythonEnvironmentRecord {
  readonly digest: Digest;
  readonly version: string;
  readonly requirements: string;
  readonly bytes: number;
  readonly createdAt: number;
  /** When a step began with it last. */
  readonly usedAt: number;
}

/** The Pythons that steps run on: those that are there, and environments made of requirements, once for each set of them. */
export interface Pythons {
  /**
   * @param wanted null: the project's own, that is the active one, that of a folder `.venv`, or the first on the PATH
   * @param root folder of the project, which paths in `wanted` are relative to
   * Throws `environment_invalid`, `file_unreadable`.
   */
  plan(wanted: StepPython | null, root: string, env: Readonly<Record<string, string>>): Promise<PythonPlan>;
  /**
   * Makes the environment unless it is there; two that ask at once, in other processes too, make one. Gives the interpreter. Throws `environment_invalid` when
   * something required cannot be installed, `environment_failed` when the outside is to blame.
   */
  ensure(plan: PythonPlan, onLine: (text: string) => void): Promise<string>;
  list(): Promise<readonly PythonEnvironmentRecord[]>;
  /** Removes those that no step has begun with since, and what attempts at others left. */
  prune(usedBefore: number): Promise<readonly PythonEnvironmentRecord[]>;
}
