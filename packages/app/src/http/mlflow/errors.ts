/** MLflow's error codes and the HTTP status of each. Clients retry 408, 429, 500, 502, 503 and 504 for minutes: none of them may stand for bad input. */
const statuses = {
  BAD_REQUEST: 400,
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  ENDPOINT_NOT_FOUND: 404,
  NOT_FOUND: 404,
  RESOURCE_DOES_NOT_EXIST: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_CONFLICT: 409,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
} as const;

export type MlflowErrorCode = keyof typeof statuses;

/** A refusal in MLflow's own words, for rules that only its protocol has. Everything else is a fault of core; see `faults.ts`. */
export class MlflowError extends Error {
  readonly code: MlflowErrorCode;
  readonly status: number;

  constructor(code: MlflowErrorCode, message: string, status: number) {
    super(message);
    this.name = 'MlflowError';
    this.code = code;
    this.status = status;
  }
}

/** `status` only where the protocol has no code for it. */
export function mlflowError(code: MlflowErrorCode, message: string, status: number = statuses[code]): MlflowError {
  return new MlflowError(code, message, status);
}

const HINT = 'See the API docs for more information about request parameters.';

/** `path` names the parameter as MLflow does: `metrics[0].value`. */
export function missingParameter(path: string): MlflowError {
  return mlflowError('INVALID_PARAMETER_VALUE', `Missing value for required parameter '${path}'. ${HINT}`);
}

/** `reason` is a sentence; without one the type of the value is told, in Python's words. */
export function invalidParameter(path: string, value: unknown, reason?: string): MlflowError {
  const why = reason ?? ` Hint: Value was of type '${toPythonType(value)}'.`;
  return mlflowError('INVALID_PARAMETER_VALUE', `Invalid value ${toShort(value)} for parameter '${path}' supplied: ${why} ${HINT}`);
}

const MOST_SHOWN = 500;

/** As JSON, cut short; what nests deeper than the stack is told by its kind. */
function toShort(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? 'null';
    return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
  } catch {
    return Array.isArray(value) ? '[...]' : '{...}';
  }
}

function toPythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'str' : 'dict';
}
