import { ApiError, toApiError } from './error.ts';

export type QueryValue = string | number | boolean | readonly (string | number | boolean)[] | undefined;

export interface CallOptions {
  /** Ends the request. */
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for the whole answer, milliseconds; the client's own when absent. */
  readonly timeoutMs?: number | undefined;
}

/** One operation of the native API, path under /api/v1. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Members are each a `QueryValue`. */
  readonly query?: object | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In the place of a JSON body. */
  readonly bytes?: Uint8Array | undefined;
  readonly options?: CallOptions | undefined;
}

/** Sends a call and gives the answer's JSON. Throws `ApiError`, or what aborted the call's own signal. */
export type Send = <Answer>(call: Call) => Promise<Answer>;

export interface ClientOptions {
  /** Such as `http://127.0.0.1:5055`. */
  readonly server: string;
  /** Who asks, `user:<name>`; the server records it with what changes. */
  readonly actor?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Judging a large version takes minutes; a server that is gone shows at once, by the connection. */
const TIMEOUT_MS = 10 * 60_000;

export function createSend(client: ClientOptions): Send {
  return async <Answer>(call: Call): Promise<Answer> => {
    const response = await open(client, call, 'application/json');
    const text = await readText(client, response);
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer as Answer;
    throw toApiError(client.server, response.status, answer);
  };
}

/** Sends a call and gives the response with its body unread. */
export async function open(
  client: ClientOptions,
  { method, path, query, body, headers, bytes, options }: Call,
  accept: string,
): Promise<Response> {
  const timeout = AbortSignal.timeout(options?.timeoutMs ?? client.timeoutMs ?? TIMEOUT_MS);
  const signal = options?.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    return await fetch(toUrl(client.server, path, query), {
      method,
      signal,
      headers: {
        accept,
        ...headers,
        ...(client.actor === undefined ? {} : { 'x-pawl-actor': client.actor }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(bytes === undefined ? {} : { 'content-type': 'application/octet-stream' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(bytes === undefined ? {} : { body: bytes as Uint8Array<ArrayBuffer> }),
    });
  } catch (error) {
    if (options?.signal?.aborted === true) throw options.signal.reason;
    throw toUnreachable(client.server, error);
  }
}

async function readText(client: ClientOptions, response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw toUnreachable(client.server, error);
  }
}

/** Members without a value are left out; a list is the name repeated. */
export function toUrl(server: string, path: string, query: Call['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Readonly<Record<string, QueryValue>>)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) search.append(name, String(one));
  }
  const text = search.toString();
  return `${server.replace(/\/+$/, '')}/api/v1${path}${text === '' ? '' : `?${text}`}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function toUnreachable(server: string, error: unknown): ApiError {
  const reason = toReason(error);
  return new ApiError(
    'server_unreachable',
    `No Pawl server answers at ${server} (${reason}); start one with "pawl server", or name it with --server.`,
    0,
    { server, reason },
    error,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'no such host',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_SOCKET: 'connection lost',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
};

/** fetch hides what happened in the cause, and in a list of causes when a name has several addresses. */
function toReason(error: unknown): string {
  const { name, code, cause, errors, message } = error as {
    name?: string;
    code?: string;
    cause?: unknown;
    errors?: unknown[];
    message?: string;
  };
  if (name === 'TimeoutError') return 'no answer in time';
  if (typeof code === 'string' && REASONS[code] !== undefined) return REASONS[code];
  const inner = errors?.[0] ?? cause;
  if (inner !== undefined && inner !== null) return toReason(inner);
  return message?.split('\n')[0] ?? 'unknown';
}
