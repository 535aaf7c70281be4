/** What protocols over HTTP have in common: how an answer is sent, and how a call is named that only one of them knows. */
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, deflate, gzip } from 'node:zlib';

export interface Reply {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export const RETRY_SECONDS = '1';

export function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(reply.body),
    ...reply.headers,
  });
  response.end(reply.body);
}

/** Below it, compressing costs more than it saves. */
const WORTH_BYTES = 1024;

const deflaters = { gzip: promisify(gzip), deflate: promisify(deflate) } as const;

/** The reply in the first encoding of ours that a client takes (RFC 9110, 12.5.3). */
export async function compress(reply: Reply, accepted: string | string[] | undefined): Promise<Reply> {
  if (accepted === undefined || reply.body.length < WORTH_BYTES) return reply;
  const names = String(accepted)
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => !/;\s*q=0(\.0*)?$/.test(entry))
    .map((entry) => entry.replace(/;.*$/, '').trim());
  const encoding = names.find((name) => name === 'gzip' || name === 'deflate');
  if (encoding !== 'gzip' && encoding !== 'deflate') return reply;
  const body = await deflaters[encoding](reply.body, { level: constants.Z_BEST_SPEED });
  return { ...reply, body, headers: { ...reply.headers, 'content-encoding': encoding, vary: 'accept-encoding' } };
}
