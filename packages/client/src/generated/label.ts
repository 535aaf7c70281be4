// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface LabelAddInput {
  readonly endpoint: string;
  readonly labels: readonly {
    readonly prediction_id: string;
    /** Row within the request. */
    readonly row?: number | undefined;
    /** The truth. */
    readonly value: boolean;
    readonly time: string;
  }[];
}

export interface LabelAdd {
  readonly taken: number;
}

export interface LabelClient {
  /** Tells the truth about predictions. A label may come before its prediction, twice, or as a correction. */
  add(input: LabelAddInput, options?: CallOptions): Promise<LabelAdd>;
}

export function createLabelClient(send: Send): LabelClient {
  return {
    add: ({ endpoint, ...body }, options) =>
      send({ method: 'POST', path: `/endpoints/${encodeURIComponent(endpoint)}/labels`, body, options }),
  };
}
