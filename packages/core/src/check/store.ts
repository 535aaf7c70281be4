import type { Digest } from '../ports/digest.ts';
import type { DatasetRef } from '../dataset/types.ts';
import type { CheckResult, CheckSuite } from './types.ts';

export interface CheckReader {
  suite(name: string): Promise<CheckSuite | undefined>;
  suites(): Promise<readonly CheckSuite[]>;
  /** The verdict of this suite (by digest) on this version, if it was taken. */
  result(suite: Digest, ref: DatasetRef): Promise<CheckResult | undefined>;
  /** All verdicts on a version, oldest first. */
  results(ref: DatasetRef): Promise<readonly CheckResult[]>;
}

export interface CheckStore extends CheckReader {
  putSuite(suite: CheckSuite): Promise<void>;
  /** False when that suite already judged that version. */
  insertResult(result: CheckResult): Promise<boolean>;
  /** No-op when there is none. */
  deleteResult(suite: Digest, ref: DatasetRef): Promise<void>;
}
