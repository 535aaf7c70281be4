export interface ServingLimits {
  /** Largest request body, in bytes. */
  readonly maxBodyBytes: number;
  /** Most rows in one request. */
  readonly maxRequestRows: number;
  /** Most rows explained in one request: each costs as much as hundreds of predictions. */
  readonly maxExplainedRows: number;
  /** Most rows that a model is given at once, when several requests wait. */
  readonly maxBatchRows: number;
  /** Requests under way for one endpoint; one more is answered `overloaded`. */
  readonly maxWaiting: number;
  /** Bytes that models may take of memory together; beyond, those not asked for longest leave it until they are asked again. 0: no limit. */
  readonly modelBytes: number;
  /** Longest time from a request's coming to its answer, in milliseconds; a request may ask for less. */
  readonly maxMs: number;
  /** How long closing waits for requests that were accepted, in milliseconds. */
  readonly drainMs: number;
}

export const defaultLimits: ServingLimits = {
  maxBodyBytes: 16 * 1024 * 1024,
  maxRequestRows: 10_000,
  maxExplainedRows: 256,
  maxBatchRows: 1024,
  maxWaiting: 512,
  modelBytes: 0,
  maxMs: 60_000,
  drainMs: 5000,
};
