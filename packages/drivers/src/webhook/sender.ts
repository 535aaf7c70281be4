import { lookup as resolve } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { fault, isFault, isPublicAddress } from '@pawl/core';
import type { WebhookAnswer, WebhookSender } from '@pawl/core';

// Not by `import`: that reads each of a module's exports, and those of http load a whole client that is not used here (8 MB, 50 ms of every start).
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

export interface WebhookSenderOptions {
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** `public`: https to addresses of the public Internet. `any`: also http, and addresses inside. */
  readonly reach: 'public' | 'any';
}

/** As much of an answer as is read. */
const ANSWER_BYTES = 4096;

/** Posts signed messages to the webhooks that users registered. No proxy, no redirect, no connection kept: each attempt goes to an address checked for itself. */
export function createWebhookSender({ timeoutMs, reach }: WebhookSenderOptions): WebhookSender {
  const allowed = (address: string): boolean => reach === 'any' || isPublicAddress(address);

  /** Resolves a name for a connection; an address that is not allowed is none. */
  const guarded: LookupFunction = (host, options, done) => {
    resolve(host, { ...(options as LookupOptions), all: true }, (error, addresses) => {
      if (error !== null) return done(error, '', 0);
      const inside = addresses.find(({ address }) => !allowed(address));
      if (inside !== undefined) return done(notPublic(host, inside.address), '', 0);
      const [first] = addresses;
      if ((options as LookupOptions).all === true) return done(null, addresses);
      return done(null, first?.address ?? '', first?.family ?? 0);
    });
  };

  function toTarget(url: string): URL {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined) throw fault('webhook_invalid', { problem: `Invalid webhook URL: ${JSON.stringify(url)}` });
    const schemes = reach === 'any' ? ['https', 'http'] : ['https'];
    const scheme = parsed.protocol.slice(0, -1);
    if (!schemes.includes(scheme)) {
      throw fault('webhook_invalid', { problem: `Invalid webhook URL scheme: '${scheme}'. Allowed schemes are: ${schemes.join(', ')}.` });
    }
    if (parsed.username !== '' || parsed.password !== '') {
      throw fault('webhook_invalid', { problem: 'A webhook URL may hold no user and password; check the signature instead.' });
    }
    // A connection to an address written out asks no resolver.
    const host = parsed.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !allowed(host)) throw notPublic(host, host);
    return parsed;
  }

  return {
    async check(url) {
      const { hostname } = toTarget(url);
      if (reach === 'any' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return;
      const addresses = await new Promise<readonly LookupAddress[]>((done, fail) => {
        resolve(hostname, { all: true }, (error, found) => {
          if (error === null) done(found);
          else
            fail(
              fault(
                'webhook_invalid',
                { problem: `Cannot resolve webhook URL hostname '${hostname}': ${error.code ?? error.message}` },
                error,
              ),
            );
        });
      });
      const inside = addresses.find(({ address }) => !allowed(address));
      if (inside !== undefined) throw notPublic(hostname, inside.address);
    },
    async post(url, body, headers) {
      const target = toTarget(url);
      const bytes = Buffer.from(body);
      const request = (target.protocol === 'https:' ? https : http).request(target, {
        method: 'POST',
        agent: false,
        lookup: guarded,
        signal: AbortSignal.timeout(timeoutMs),
        headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
      });
      try {
        return await new Promise<WebhookAnswer>((done, fail) => {
          request.on('error', fail);
          request.on('response', (response) => {
            readStart(response).then((text) => done({ status: response.statusCode ?? 0, body: text }), fail);
          });
          request.end(bytes);
        });
      } catch (error) {
        if (isFault(error)) throw error;
        throw fault('webhook_failed', { url: target.origin, reason: toReason(error, timeoutMs) }, error);
      } finally {
        request.destroy();
      }
    },
  };
}

function notPublic(host: string, address: string): Error & { code?: string } {
  return fault('webhook_invalid', {
    problem: `Webhook URL must not resolve to a non-public IP address. '${host}' resolves to ${address}.`,
  });
}

async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8');
}

function toReason(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `no answer within ${timeoutMs} ms`;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host name is not known';
  if (code === 'ECONNRESET') return 'it closed the connection without an answer';
  return error.message;
}
