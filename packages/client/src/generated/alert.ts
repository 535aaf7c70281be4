// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';
import type { CallOptions, Send } from '../request.ts';

export interface AlertGetInput {
  readonly alert: string;
}

export interface AlertGet {
  readonly id: string;
  readonly monitor: string;
  readonly kind: 'drift' | 'quality';
  /** Model version. */
  readonly version: number;
  readonly state: 'pending' | 'firing' | 'resolved';
  readonly pending_at: string;
  readonly fired_at: string | null;
  readonly resolved_at: string | null;
  readonly summary: string;
  readonly evidence: Readonly<Record<string, JsonValue>>;
}

export interface AlertListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly monitor?: string | undefined;
  readonly state?: 'pending' | 'firing' | 'resolved' | undefined;
}

export interface AlertList {
  readonly items: readonly AlertGet[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface AlertClient {
  /** Shows an alert with its evidence. */
  get(input: AlertGetInput, options?: CallOptions): Promise<AlertGet>;
  /** Lists alerts, newest first. */
  list(input?: AlertListInput, options?: CallOptions): Promise<AlertList>;
}

export function createAlertClient(send: Send): AlertClient {
  return {
    get: ({ alert }, options) => send({ method: 'GET', path: `/alerts/${encodeURIComponent(alert)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/alerts', query, options }),
  };
}
