import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { toErrorCode } from '../fs/reason.ts';

const BEAT_MS = 2000;
/** A holder that has not been heard of for so long is dead. */
const DEAD_MS = 20_000;
const LONGEST_POLL_MS = 500;

/** Runs `work` while no other process runs work under this file, which is removed after it. `done` is asked each time the file is another's: true ends the wait without work. */
export async function withLockFile<T>(path: string, done: () => Promise<T | undefined>, work: () => Promise<T>): Promise<T> {
  for (let wait = 10; ; wait = Math.min(wait * 2, LONGEST_POLL_MS)) {
    const found = await done();
    if (found !== undefined) return found;
    if (await take(path)) break;
    const beat = await stat(path).catch(() => undefined);
    if (beat !== undefined && Date.now() - beat.mtimeMs > DEAD_MS) await rm(path, { force: true });
    else await sleep(wait);
  }
  const beats = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), BEAT_MS);
  try {
    return (await done()) ?? (await work());
  } finally {
    clearInterval(beats);
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (toErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}
