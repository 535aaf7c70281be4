import { fault } from '../fault/fault.ts';
import { toTraceMetadata } from './limits.ts';
import type { Assessment, AssessmentError, AssessmentValue } from './types.ts';

const MOST_NAME = 250;
const MOST_TEXT = 65_536;
/** Characters of a value as JSON. */
const MOST_VALUE = 1024 * 1024;

/** Throws `record_invalid`. */
export function checkAssessment({ name, value, rationale, source }: Pick<Assessment, 'name' | 'value' | 'rationale' | 'source'>): void {
  const refuse = (problem: string): Error => fault('record_invalid', { problem });
  if (name === '') throw refuse('Assessment name cannot be empty.');
  if (name.length > MOST_NAME) throw refuse(`'Assessment name' exceeds the maximum length of ${MOST_NAME} characters`);
  if (source.type === '') throw refuse('The source of an assessment must have a type, such as HUMAN, LLM_JUDGE or CODE.');
  if ((rationale?.length ?? 0) > MOST_TEXT) throw refuse(`'Rationale' exceeds the maximum length of ${MOST_TEXT} characters`);
  if (JSON.stringify(value).length > MOST_VALUE) throw refuse(`An assessment's value may have at most ${MOST_VALUE} characters as JSON`);
}

/** What may change of an assessment; source, span and kind stay. */
export interface AssessmentChange {
  readonly name?: string;
  readonly feedback?: { readonly value: AssessmentValue; readonly error: AssessmentError | null };
  readonly expectation?: AssessmentValue;
  readonly rationale?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly valid?: boolean;
}

/** Metadata are added to. Throws `assessment_kind_kept`, `record_invalid`. */
export function changeAssessment(before: Assessment, change: AssessmentChange, at: number): Assessment {
  const { feedback, expectation } = change;
  if (feedback !== undefined && before.kind !== 'feedback') throw fault('assessment_kind_kept', { kind: before.kind, given: 'feedback' });
  if (expectation !== undefined && before.kind !== 'expectation') {
    throw fault('assessment_kind_kept', { kind: before.kind, given: 'expectation' });
  }
  const after: Assessment = {
    ...before,
    name: change.name ?? before.name,
    value: feedback === undefined ? (expectation === undefined ? before.value : expectation) : feedback.value,
    error: feedback === undefined ? before.error : feedback.error,
    rationale: change.rationale ?? before.rationale,
    metadata: { ...before.metadata, ...toTraceMetadata(change.metadata ?? {}) },
    valid: change.valid ?? before.valid,
    updatedAt: at,
  };
  checkAssessment(after);
  return after;
}
