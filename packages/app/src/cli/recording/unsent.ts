import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Client, RecordingOpenInput } from '@pawl/client';
import { unreadable } from '../fail.ts';
import type { Unsent } from './outbox.ts';

/** Where the record of a run waits whose server did not come back before the command had ended. */
const unsentFolder = (): string => join(homedir(), '.pawl', 'unsent');

interface UnsentFile extends Omit<Unsent, 'blobs'> {
  readonly blobs: readonly { readonly digest: string; readonly base64: string }[];
}

/** Keeps what was not sent; gives the file. */
export async function keepUnsent({ blobs, ...rest }: Unsent): Promise<string> {
  const folder = unsentFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file: UnsentFile = {
    ...rest,
    blobs: blobs.map(({ digest, bytes }) => ({ digest, base64: Buffer.from(bytes).toString('base64') })),
  };
  const path = join(folder, `${rest.run}.json`);
  await writeFile(`${path}.part`, JSON.stringify(file), { mode: 0o600, flush: true });
  await rename(`${path}.part`, path);
  return path;
}

/** Files that wait. */
export async function listUnsent(): Promise<readonly string[]> {
  const names = await readdir(unsentFolder()).catch(() => [] as string[]);
  return names
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => join(unsentFolder(), name));
}

/** Sends what a file holds and removes it; sent twice it changes nothing. Gives the run. Throws `ApiError`, `file_unreadable`. */
export async function sendUnsent(client: Client, path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(async (error: unknown) => Promise.reject(await unreadable(path, error)));
  const { run, open, reports, blobs } = JSON.parse(text) as UnsentFile;
  if (open !== null) await client.recording.open(open satisfies RecordingOpenInput);
  for (const { digest, base64 } of blobs)
    await client.fetch({ method: 'PUT', path: `/blobs/${digest}`, bytes: Buffer.from(base64, 'base64') });
  for (const report of reports) await client.recording.report({ run, ...report });
  await rm(path, { force: true });
  return run;
}
