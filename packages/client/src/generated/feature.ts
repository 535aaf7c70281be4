// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface FeatureGetInput {
  readonly view: string;
}

export interface FeatureGet {
  readonly name: string;
  /** Column with the entity key. */
  readonly entity: string;
  readonly dataset: string;
  readonly id_column: string;
  readonly streams: readonly {
    readonly name: string;
    readonly time_column: string;
    readonly where: string | null;
  }[];
  readonly features: readonly {
    readonly name: string;
    readonly stream: string;
    readonly aggregate: 'count';
    readonly window_ms: number;
  }[];
}

export interface FeatureListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface FeatureList {
  readonly items: readonly FeatureGet[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface FeatureLookupInput {
  readonly view: string;
  readonly keys: readonly string[];
  readonly at?: string | undefined;
}

export interface FeatureLookup {
  /** In the order of the keys. */
  readonly vectors: readonly {
    readonly key: string;
    readonly values: Readonly<Record<string, number>>;
  }[];
}

export interface FeatureMaterializeInput {
  readonly view: string;
  /** `name:version`. */
  readonly dataset: string;
}

export interface FeatureMaterialize {
  /** Events that were new. */
  readonly added: number;
}

export interface FeaturePushInput {
  readonly view: string;
  /** Columns by name; times are epoch milliseconds, as in the dataset. */
  readonly rows: readonly Readonly<Record<string, string | number | boolean | null>>[];
}

export interface FeatureClient {
  /** Shows a feature view. */
  get(input: FeatureGetInput, options?: CallOptions): Promise<FeatureGet>;
  /** Lists feature views. */
  list(input?: FeatureListInput, options?: CallOptions): Promise<FeatureList>;
  /** Looks the values of entity keys up, as an endpoint does for a request. */
  lookup(input: FeatureLookupInput, options?: CallOptions): Promise<FeatureLookup>;
  /** Adds all rows of a dataset version to the online store. */
  materialize(input: FeatureMaterializeInput, options?: CallOptions): Promise<FeatureMaterialize>;
  /** Adds rows to the online store. A row seen before, by its id, counts once. */
  push(input: FeaturePushInput, options?: CallOptions): Promise<FeatureMaterialize>;
}

export function createFeatureClient(send: Send): FeatureClient {
  return {
    get: ({ view }, options) => send({ method: 'GET', path: `/features/${encodeURIComponent(view)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/features', query, options }),
    lookup: ({ view, ...body }, options) => send({ method: 'POST', path: `/features/${encodeURIComponent(view)}/lookups`, body, options }),
    materialize: ({ view, ...body }, options) =>
      send({ method: 'POST', path: `/features/${encodeURIComponent(view)}/materializations`, body, options }),
    push: ({ view, ...body }, options) => send({ method: 'POST', path: `/features/${encodeURIComponent(view)}/rows`, body, options }),
  };
}
