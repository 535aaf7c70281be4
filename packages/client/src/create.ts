import { toApiError } from './error.ts';
import { readEvents } from './events.ts';
import type { ServerEvent } from './events.ts';
import { createNativeClient } from './generated/client.ts';
import type { NativeClient } from './generated/client.ts';
import { createSend, open } from './request.ts';
import type { Call, CallOptions, ClientOptions, QueryValue } from './request.ts';

export interface Client extends NativeClient {
  /** An answer that is bytes and not JSON, unread. */
  fetch(call: Call): Promise<Response>;
  /** A stream of server-sent events under /api/v1. */
  stream(path: string, query?: Readonly<Record<string, QueryValue>>, options?: CallOptions): AsyncGenerator<ServerEvent>;
}

/** A client of one server: `client.dataset.list()`. Every call throws `ApiError`. */
export function createClient(options: ClientOptions): Client {
  return {
    ...createNativeClient(createSend(options)),
    async fetch(call) {
      const response = await open(options, call, 'application/octet-stream');
      if (!response.ok) throw toApiError(options.server, response.status, await response.json().catch(() => undefined));
      return response;
    },
    stream: (path, query, callOptions) => readEvents(options, { path, query, options: callOptions }),
  };
}
