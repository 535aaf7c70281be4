import { fault } from '@pawl/core';
import type { JsonObject, Notifier } from '@pawl/core';

export interface WebhookOptions {
  /** For the whole exchange. */
  readonly timeoutMs: number;
}

/** As much of an answer as is read to say why it was refused. */
const ANSWER_BYTES = 4096;
const ANSWER_SHOWN = 200;

/** Posts JSON. A redirect is refused, not followed: the message, and the secret in its headers, was meant for the address that was configured. */
export function createWebhookNotifier(options: WebhookOptions): Notifier {
  async function post(url: string, body: JsonObject, headers: Readonly<Record<string, string>>): Promise<void> {
    const target = toTarget(url);
    const refuse = (reason: string, cause?: unknown): Error => fault('webhook_failed', { url: toShown(target), reason }, cause);
    const sent = toHeaders(headers);
    if (sent === undefined) throw refuse('one of its headers has a name or value that is not valid');
    let response: Response;
    let answer: string;
    try {
      const signal = AbortSignal.timeout(options.timeoutMs);
      response = await fetch(target, { method: 'POST', redirect: 'manual', headers: sent, body: JSON.stringify(body), signal });
      answer = response.ok ? await drop(response) : await readStart(response);
    } catch (error) {
      throw refuse(toCause(error, options.timeoutMs), error);
    }
    if (response.status >= 300 && response.status < 400) throw refuse(`it answered ${response.status}, a redirect, which is not followed`);
    if (!response.ok) throw refuse(`it answered ${response.status}${answer === '' ? '' : ` (${answer})`}`);
  }

  return { post };
}

function toTarget(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw fault('webhook_failed', { url: toOneLine(url), reason: 'it is no http or https address' });
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw fault('webhook_failed', { url: toShown(parsed), reason: 'an address may hold no user and password; send them as a header' });
  }
  return parsed;
}

/** Chat services carry their secret in the path or the query, so only the beginning is shown. */
function toShown(url: URL): string {
  const [first = '', ...rest] = url.pathname.slice(1).split('/');
  return `${url.origin}/${first}${rest.length > 0 || url.search !== '' ? '/…' : ''}`;
}

function toHeaders(headers: Readonly<Record<string, string>>): Headers | undefined {
  try {
    return new Headers({ 'content-type': 'application/json', ...headers });
  } catch {
    // What the platform says here quotes the value, which may be a secret.
    return undefined;
  }
}

async function drop(response: Response): Promise<string> {
  await response.body?.cancel();
  return '';
}

async function readStart(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= ANSWER_BYTES) break;
  }
  return toOneLine(Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8'));
}

function toOneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > ANSWER_SHOWN ? `${line.slice(0, ANSWER_SHOWN)}…` : line;
}

function toCause(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return toOneLine(String(error));
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host name is not known';
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'it closed the connection without an answer';
  return toOneLine(cause.message);
}
