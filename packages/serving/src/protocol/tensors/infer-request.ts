import { fault } from '@pawl/core';
import type { SentTensor } from './sent-tensor.ts';

/** Texts, numbers and booleans (specification, "Parameters"). */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** An inference request of either wire, whose form is right; whether its tensors fit is the model's to say. */
export interface InferRequest {
  readonly id: string | undefined;
  readonly stickyKey: string | undefined;
  /** When it happened, epoch ms, for a request that is replayed or late; undefined: now. */
  readonly eventTime: number | undefined;
  /** Milliseconds that the client waits; undefined: as long as the endpoint's limit. */
  readonly timeoutMs?: number;
  readonly outputs: readonly WantedOutput[];
  /** Whether outputs come as binary data unless they say otherwise themselves. */
  readonly binaryOutput: boolean;
  readonly inputs: readonly SentTensor[];
  /** A raw request: these are the bytes of the model's only input, and `inputs` is empty. */
  readonly raw?: Uint8Array;
}

export interface WantedOutput {
  readonly name: string;
  readonly binary: boolean | undefined;
  /** As so many of the highest scores, with their classes (classification extension). */
  readonly classes: number | undefined;
}

const invalid = (problem: string) => fault('request_invalid', { problem });

/** It is recorded with every row of the request, so a long one would be multiplied. */
export const LONGEST_ID = 1024;

export const LARGEST_RANK = 8;

export const DATATYPES = 'BOOL, UINT8…UINT64, INT8…INT64, FP16, BF16, FP32, FP64 or BYTES';

export function toFlag(value: unknown, where: string): boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(`${where} must be true or false.`);
  return value;
}

/** The classification extension's parameter of an output. Throws `request_invalid`. */
export function toClassCount(value: unknown, output: string): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value > 0)) return value;
  throw invalid(`"classification" of output "${output}" must be a whole number of 1 or more.`);
}

export function toStickyKey({ sticky_key: key }: Parameters): string | undefined {
  return key === undefined ? undefined : `${key}`;
}

/** Years 1970 to 9999: what a date can be written for. */
const LATEST_TIME = 253_402_300_799_999;

export function toEventTime(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LATEST_TIME) return value;
  throw invalid('Parameter "event_time" must be whole epoch milliseconds.');
}

/** The parameter `timeout` of the schedule policy extension, microseconds (gRPC: 64 bits); 0 is none. */
export function toTimeout(value: unknown): { readonly timeoutMs?: number } {
  const us = typeof value === 'bigint' ? Number(value) : (value ?? 0);
  if (typeof us !== 'number' || !Number.isSafeInteger(us) || us < 0) throw invalid('Parameter "timeout" must be whole microseconds.');
  return us === 0 ? {} : { timeoutMs: Math.ceil(us / 1000) };
}
