import type { Assessment, AssessmentChange, AssessmentError, AssessmentValue } from '@pawl/core';
import type { NewAssessment } from '@pawl/engine';
import { invalidParameter, mlflowError } from './errors.ts';
import type { MlflowInput } from './input.ts';
import { toMoment, toTextMap } from './protobuf-json.ts';
import { required } from './tracking-wire.ts';

/** mlflow/protos/assessments.proto, AssessmentSource.SourceType. */
const sources = { SOURCE_TYPE_UNSPECIFIED: 0, HUMAN: 1, LLM_JUDGE: 2, CODE: 3 } as const;

const JSON_FORMAT = 'JSON_FORMAT';

/** An assessment of a trace as a client sends it; it says what kind it is by the member that it has. */
export function assessmentOf(input: MlflowInput, trace: string): NewAssessment {
  const feedback = input.message('feedback');
  const expectation = input.message('expectation');
  if ((feedback === undefined) === (expectation === undefined)) {
    throw mlflowError(
      'INVALID_PARAMETER_VALUE',
      `'${input.path('feedback')}' or '${input.path('expectation')}' must be there, and not both.`,
    );
  }
  const source = input.message('source');
  const createdAt = toMoment(input, 'create_time');
  return {
    trace,
    span: input.string('span_id') || null,
    name: input.string('assessment_name', required),
    kind: feedback === undefined ? 'expectation' : 'feedback',
    ...(feedback === undefined ? { value: expected(expectation as MlflowInput), error: null } : judged(feedback)),
    source: { type: source?.choice('source_type', sources) ?? 'SOURCE_TYPE_UNSPECIFIED', id: source?.string('source_id') ?? '' },
    rationale: input.string('rationale') || null,
    metadata: toTextMap(input, 'metadata'),
    overrides: input.string('overrides') || null,
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

function judged(feedback: MlflowInput): { readonly value: AssessmentValue; readonly error: AssessmentError | null } {
  const error = feedback.message('error');
  return {
    value: valueOf(feedback.raw('value')),
    error:
      error === undefined
        ? null
        : {
            code: error.string('error_code') ?? '',
            message: error.string('error_message') ?? '',
            stackTrace: error.string('stack_trace') ?? '',
          },
  };
}

/** Lists and objects come as JSON in a text. */
function expected(expectation: MlflowInput): AssessmentValue {
  const serialized = expectation.message('serialized_value');
  if (serialized === undefined) return valueOf(expectation.raw('value'));
  const format = serialized.string('serialization_format');
  const text = serialized.string('value') ?? '';
  if (format !== undefined && format !== JSON_FORMAT) {
    throw invalidParameter(serialized.path('serialization_format'), format, `Only ${JSON_FORMAT} is supported.`);
  }
  try {
    return JSON.parse(text) as AssessmentValue;
  } catch {
    throw invalidParameter(serialized.path('value'), text, 'It is no JSON.');
  }
}

const valueOf = (raw: unknown): AssessmentValue => (raw ?? null) as AssessmentValue;

/** What an update's mask names; protobuf's JSON writes the mask as one text with names in camel case. */
export function changeOf(input: MlflowInput, mask: unknown): AssessmentChange {
  const named = typeof mask === 'string' ? mask.split(',') : ((mask as { paths?: unknown } | null)?.paths ?? []);
  if (!Array.isArray(named)) throw invalidParameter('update_mask', mask);
  const names = new Set(named.map((name: unknown) => String(name).replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
  const feedback = names.has('feedback') ? input.message('feedback') : undefined;
  const expectation = names.has('expectation') ? input.message('expectation') : undefined;
  if (feedback !== undefined && expectation !== undefined) {
    throw mlflowError('INVALID_PARAMETER_VALUE', 'Cannot specify both `expectation` and `feedback` parameters.');
  }
  const valid = names.has('valid') ? input.boolean('valid') : undefined;
  return {
    ...(names.has('assessment_name') ? { name: input.string('assessment_name', required) } : {}),
    ...(feedback === undefined ? {} : { feedback: judged(feedback) }),
    ...(expectation === undefined ? {} : { expectation: expected(expectation) }),
    ...(names.has('rationale') ? { rationale: input.string('rationale') ?? '' } : {}),
    ...(names.has('metadata') ? { metadata: toTextMap(input, 'metadata') } : {}),
    ...(valid === undefined ? {} : { valid }),
  };
}

export function toWireAssessment(one: Assessment): object {
  return {
    assessment_id: one.id,
    assessment_name: one.name,
    trace_id: one.trace,
    ...(one.span === null ? {} : { span_id: one.span }),
    source: { source_type: one.source.type, source_id: one.source.id },
    create_time: new Date(one.createdAt).toISOString(),
    last_update_time: new Date(one.updatedAt).toISOString(),
    ...(one.kind === 'feedback' ? { feedback: toFeedback(one) } : { expectation: toExpectation(one.value) }),
    ...(one.rationale === null ? {} : { rationale: one.rationale }),
    ...(Object.keys(one.metadata).length === 0 ? {} : { metadata: one.metadata }),
    ...(one.overrides === null ? {} : { overrides: one.overrides }),
    valid: one.valid,
  };
}

function toFeedback({ value, error }: Assessment): object {
  if (error === null) return { value };
  return { value, error: { error_code: error.code, error_message: error.message, stack_trace: error.stackTrace || undefined } };
}

function toExpectation(value: AssessmentValue): object {
  if (value !== null && typeof value === 'object') {
    return { serialized_value: { serialization_format: JSON_FORMAT, value: JSON.stringify(value) } };
  }
  return { value };
}
