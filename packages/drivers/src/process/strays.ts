import { readFileSync, readdirSync } from 'node:fs';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** Variable that marks every process of one command: those inherit it that left its group and its parents, too. */
export const MARK = 'PAWL_PROCESS_MARK';

/** Others get their turn after so many files read. */
const BATCH = 200;
const LONGEST_POLL_MS = 50;
/** A process that the kernel holds fast does not die of a SIGKILL either. */
const STUCK_WAIT_MS = 1000;

/** Ends what bears the mark, SIGTERM first; resolves when none of it is left. Where there is no /proc nothing is found. */
export async function endStrays(mark: string, graceMs: number): Promise<void> {
  let found = await findMarked(mark);
  for (const pid of found) signal(pid, 'SIGTERM');
  const killAt = performance.now() + graceMs;
  for (let wait = 1; found.length > 0 && performance.now() < killAt + STUCK_WAIT_MS; wait = Math.min(wait * 2, LONGEST_POLL_MS)) {
    await sleep(wait);
    found = await findMarked(mark);
    if (performance.now() >= killAt) for (const pid of found) signal(pid, 'SIGKILL');
  }
}

async function findMarked(mark: string): Promise<readonly number[]> {
  const entry = `${MARK}=${mark}\0`;
  const found: number[] = [];
  let read = 0;
  for (const name of list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    if ((read += 1) % BATCH === 0) await turn();
    // The dead have no environment any more.
    if (readText(`/proc/${name}/environ`).includes(entry)) found.push(Number(name));
  }
  return found;
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    // Synchronous: a file of /proc is memory, and there are hundreds of them.
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
