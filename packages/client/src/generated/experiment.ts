// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface ExperimentCreateInput {
  readonly name: string;
}

export interface ExperimentGet {
  readonly id: number;
  readonly name: string;
  readonly created_at: string;
}

export interface ExperimentGetInput {
  /** Number or name. */
  readonly experiment: string;
}

export interface ExperimentListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface ExperimentList {
  readonly items: readonly ExperimentGet[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface ExperimentClient {
  /** Makes an experiment, or gives the one of that name. */
  create(input: ExperimentCreateInput, options?: CallOptions): Promise<ExperimentGet>;
  /** Shows an experiment. */
  get(input: ExperimentGetInput, options?: CallOptions): Promise<ExperimentGet>;
  /** Lists experiments. */
  list(input?: ExperimentListInput, options?: CallOptions): Promise<ExperimentList>;
}

export function createExperimentClient(send: Send): ExperimentClient {
  return {
    create: (body, options) => send({ method: 'POST', path: '/experiments', body, options }),
    get: ({ experiment }, options) => send({ method: 'GET', path: `/experiments/${encodeURIComponent(experiment)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/experiments', query, options }),
  };
}
