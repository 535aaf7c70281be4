import { toApiError } from './error.ts';
import { open, toUnreachable } from './request.ts';
import type { Call, ClientOptions } from './request.ts';

/** One message of a stream of server-sent events. */
export interface ServerEvent {
  /** `message` when the server named none. */
  readonly event: string;
  readonly data: string;
  readonly id: string;
}

/** A stream has no end of its own: only silence for a day ends it. */
const STREAM_MS = 24 * 3_600_000;

/** Reads a stream (WHATWG HTML, "server-sent events") until the server ends it or the signal does. Throws `ApiError`. */
export async function* readEvents(client: ClientOptions, call: Omit<Call, 'method' | 'body'>): AsyncGenerator<ServerEvent> {
  const options = { timeoutMs: STREAM_MS, ...call.options };
  const response = await open(client, { ...call, method: 'GET', options }, 'text/event-stream');
  if (!response.ok || response.body === null)
    throw toApiError(client.server, response.status, await response.json().catch(() => undefined));
  try {
    yield* parseEvents(response.body.pipeThrough(new TextDecoderStream()));
  } catch (error) {
    if (call.options?.signal?.aborted === true) return;
    throw toUnreachable(client.server, error);
  }
}

/** Messages in text that comes in pieces; one cut off by the end of the stream is dropped, as the standard wants. */
export async function* parseEvents(pieces: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];
  for await (const piece of pieces) {
    // A carriage return at the end may be half of a line's end.
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event: event === '' ? 'message' : event, data: data.join('\n'), id };
        event = '';
        data = [];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') data.push(value);
      else if (field === 'event') event = value;
      else if (field === 'id' && !value.includes('\0')) id = value;
    }
  }
}
