import { readEvents } from './events.ts';
import type { ServerEvent } from './events.ts';
import { createNativeClient } from './generated/client.ts';
import type { NativeClient } from './generated/client.ts';
import { createSend } from './request.ts';
import type { CallOptions, ClientOptions, QueryValue } from './request.ts';

export interface Client extends NativeClient {
  /** A stream of server-sent events under /api/v1. */
  stream(path: string, query?: Readonly<Record<string, QueryValue>>, options?: CallOptions): AsyncGenerator<ServerEvent>;
}

/** A client of one server: `client.dataset.list()`. Every call throws `ApiError`. */
export function createClient(options: ClientOptions): Client {
  return {
    ...createNativeClient(createSend(options)),
    stream: (path, query, callOptions) => readEvents(options, { path, query, options: callOptions }),
  };
}
