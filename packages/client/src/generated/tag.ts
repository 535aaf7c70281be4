// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface TagListInput {
  readonly dataset: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface TagSet {
  readonly dataset: string;
  readonly name: string;
  readonly version: number;
  readonly author: string;
  readonly created_at: string;
}

export interface TagList {
  readonly items: readonly TagSet[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface TagRemoveInput {
  readonly dataset: string;
  readonly tag: string;
}

export interface TagSetInput {
  readonly dataset: string;
  readonly tag: string;
  /** A number, a tag, a branch, or `latest`. */
  readonly version: number | string;
  /** Takes the name from the version that has it. */
  readonly move?: boolean | undefined;
}

export interface TagClient {
  /** Lists the tags of a dataset, by name. */
  list(input: TagListInput, options?: CallOptions): Promise<TagList>;
  /** Takes a name away; the version stays. */
  remove(input: TagRemoveInput, options?: CallOptions): Promise<Readonly<Record<string, never>>>;
  /** Gives a version a name. */
  set(input: TagSetInput, options?: CallOptions): Promise<TagSet>;
}

export function createTagClient(send: Send): TagClient {
  return {
    list: ({ dataset, ...query }, options) =>
      send({ method: 'GET', path: `/datasets/${encodeURIComponent(dataset)}/tags`, query, options }),
    remove: ({ dataset, tag }, options) =>
      send({ method: 'DELETE', path: `/datasets/${encodeURIComponent(dataset)}/tags/${encodeURIComponent(tag)}`, options }),
    set: ({ dataset, tag, ...body }, options) =>
      send({ method: 'PUT', path: `/datasets/${encodeURIComponent(dataset)}/tags/${encodeURIComponent(tag)}`, body, options }),
  };
}
