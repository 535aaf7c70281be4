import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from '@pawl/client';
import { cacheFolder } from '../../config/environment.ts';
import type { Context } from '../context.ts';
import { failure, unwritable } from '../fail.ts';
import { createProgress } from '../progress.ts';
import { addFolder } from './add.ts';
import type { AddOptions, Added } from './add.ts';

export interface ImportOptions extends AddOptions {
  /** What the file is called in the version; the last part of the address when absent. */
  readonly as?: string | undefined;
  readonly sha256?: string | undefined;
  /** Most bytes that are taken. */
  readonly limit: number;
}

const SILENCE_MS = 120_000;

/**
 * Fetches a file over HTTP(S) and makes it a version, with where it came from. It is fetched by this machine, so that no server is made to call others; what a break left is gone
 * on with where the other side allows it. Throws `file_unreadable`, `too_large`, `digest_mismatch`, `path_unsafe`.
 */
export async function importUrl(
  context: Context,
  client: Client,
  dataset: string,
  address: string,
  options: ImportOptions,
): Promise<Added> {
  const url = new URL(address);
  const name = options.as ?? decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  const { isSafePath } = await import('@pawl/core');
  if (!isSafePath(name) || name.includes('/')) throw await failure('path_unsafe', { path: name });
  // What may be secret in an address is not recorded.
  url.username = url.password = '';
  const folder = join(cacheFolder(), 'downloads', createHash('sha256').update(`${url.href}\n${name}`).digest('hex'));
  mkdirSync(folder, { recursive: true });
  const part = join(folder, `${name}.part`);
  const etag = await download(context, new URL(address), part, options.limit);
  const digest = await digestOf(part);
  if (options.sha256 !== undefined && digest !== `sha256:${options.sha256.replace(/^sha256:/, '').toLowerCase()}`) {
    rmSync(folder, { recursive: true, force: true });
    throw await failure('digest_mismatch', { expected: `sha256:${options.sha256.replace(/^sha256:/, '')}`, found: digest });
  }
  const whole = join(folder, name);
  renameSync(part, whole);
  try {
    return await addFolder(context, client, dataset, whole, { ...options, source: { kind: 'url', url: url.href, etag, digest } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function digestOf(path: string): Promise<`sha256:${string}`> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

/** Goes on with a part that is there, if it is still of the same content. Gives the ETag. */
async function download(context: Context, url: URL, part: string, limit: number): Promise<string | null> {
  const unreachable = (reason: string, cause?: unknown): Promise<Error> =>
    failure('file_unreadable', { path: url.origin + url.pathname, reason }, cause);
  const tag = `${part}.etag`;
  const known = existsSync(tag) && existsSync(part) ? readFileSync(tag, 'utf8') : undefined;
  const start = known === undefined ? 0 : statSync(part).size;
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const { username, password } = url;
  const plain = new URL(url);
  plain.username = plain.password = '';
  const response = await fetch(plain, {
    signal: AbortSignal.any([context.signal, silence.signal]),
    headers: {
      'accept-encoding': 'identity',
      ...(username === ''
        ? {}
        : { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` }),
      ...(start > 0 && known !== undefined ? { range: `bytes=${start}-`, 'if-range': known } : {}),
    },
  }).catch(async (error: unknown) => {
    clearTimeout(timer);
    context.signal.throwIfAborted();
    throw await unreachable('no answer', error);
  });
  clearTimeout(timer);
  // All of it is here already: only the end of the last command was cut off.
  if (response.status === 416 && known !== undefined && response.headers.get('content-range') === `bytes */${start}`) return known;
  if (response.status !== 200 && response.status !== 206)
    throw await unreachable(`the answer is ${response.status} ${response.statusText}`.trim());
  const from = response.status === 206 ? start : 0;
  const length = Number(response.headers.get('content-length') ?? 0);
  const tooLarge = (): Promise<Error> => failure('too_large', { what: 'The file', limit });
  if (from + length > limit) throw await tooLarge();
  const etag = response.headers.get('etag');
  if (etag !== null && !etag.startsWith('W/')) writeFileSync(tag, etag);
  else rmSync(tag, { force: true });
  timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const progress = createProgress('Fetching', length);
  let size = from;
  try {
    await pipeline(
      async function* () {
        for await (const piece of response.body ?? []) {
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), SILENCE_MS);
          size += piece.length;
          if (size > limit) throw await tooLarge();
          progress.add(piece.length);
          yield piece;
        }
      },
      createWriteStream(part, { flags: from > 0 ? 'a' : 'w' }),
    );
  } catch (error) {
    context.signal.throwIfAborted();
    if ((error as { code?: string }).code === 'too_large') throw error;
    if ((error as NodeJS.ErrnoException).syscall === 'write') throw await unwritable(part, error);
    throw await unreachable('the connection was lost; the same command goes on where it was', error);
  } finally {
    clearTimeout(timer);
    progress.end();
  }
  if (length > 0 && size !== from + length) throw await unreachable('it ended too early; the same command goes on where it was');
  return etag;
}
