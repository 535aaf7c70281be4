import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process group, by the id of its leader. */
export interface Group {
  isAlive(): Promise<boolean>;
  /** SIGTERM now, SIGKILL after the grace, without one at once; a later call can only shorten the grace. */
  stop(graceMs: number): void;
  /** Resolves when no process of it is left, or none that a SIGKILL can end; from then on its id may be another's, and is never signalled again. */
  gone(): Promise<void>;
}

const LONGEST_POLL_MS = 50;
/** A process that the kernel holds fast does not die of a SIGKILL either; the wait for it has an end. */
const STUCK_WAIT_MS = 1000;

/** Groups that still run. They are killed when this process exits, because nobody would read their output or count their time. */
const running = new Set<number>();

function killAll(): void {
  for (const id of running) signal(id, 'SIGKILL');
}

/** False when there is no such group. A group that may not be signalled (its members changed their user) still is one. */
function signal(id: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-id, name);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Whether a process of the group still runs. The dead stay in a group until their parent asks for their end, and the parent that orphans get may be slow to ask or, as the first
 * process of a container, never do so; where /proc tells them apart they do not count.
 */
async function hasLiving(id: number): Promise<boolean> {
  if (!signal(id, 0)) return false;
  const names = await readdir('/proc').catch(() => undefined);
  if (names === undefined) return true;
  const states = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readState(name, id)));
  return states.some((state) => state !== undefined && state !== 'Z' && state !== 'X');
}

/** State letter of a process of the group; undefined for any other. In /proc/PID/stat, fields are counted after the name in brackets, which may hold anything. */
async function readState(name: string, group: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[2]) === group ? fields[0] : undefined;
}

export function createGroup(id: number): Group {
  if (running.size === 0) process.once('exit', killAll);
  running.add(id);
  let over = false;
  let killAt = Infinity;
  let killer: NodeJS.Timeout | undefined;

  function stop(graceMs: number): void {
    const at = performance.now() + graceMs;
    if (over || at >= killAt) return;
    clearTimeout(killer);
    if (graceMs <= 0) signal(id, 'SIGKILL');
    else if (killAt === Infinity) signal(id, 'SIGTERM');
    killAt = at;
    killer = setTimeout(() => {
      if (!over) signal(id, 'SIGKILL');
    }, graceMs);
  }

  async function gone(): Promise<void> {
    for (let wait = 1; (await hasLiving(id)) && performance.now() < killAt + STUCK_WAIT_MS; wait = Math.min(wait * 2, LONGEST_POLL_MS))
      await sleep(wait);
    over = true;
    clearTimeout(killer);
    running.delete(id);
    if (running.size === 0) process.removeListener('exit', killAll);
  }

  return { isAlive: async () => !over && (await hasLiving(id)), stop, gone };
}
