import { readFile } from 'node:fs/promises';

/** What a command and its children were seen to use; null where the system does not tell (anything but Linux), or when the command ended before the first look. */
export interface Usage {
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
}

export interface UsageMeter {
  read(): Usage;
  stop(): void;
}

/** Clock ticks of /proc a second: 100 for programs, whatever the kernel's own rate (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;
const FIRST_LOOK_MS = 50;
const LONGEST_WAIT_MS = 1000;

interface Seen {
  readonly ticks: number;
  readonly bytes: number;
}

/**
 * Looks at a process tree through /proc, soon at first and then every second. Processor time counts children that ended through those who waited for them; memory is the highest
 * sum of resident sizes. Both are lower bounds of the truth.
 */
export function createUsageMeter(pid: number): UsageMeter {
  let cpuMs: number | null = null;
  let peakMemoryBytes: number | null = null;
  let wait = FIRST_LOOK_MS;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const { ticks, bytes } = await lookAtTree(pid);
    if (bytes > 0) {
      cpuMs = Math.max(cpuMs ?? 0, (ticks * 1000) / TICKS_PER_SECOND);
      peakMemoryBytes = Math.max(peakMemoryBytes ?? 0, bytes);
    }
    if (timer !== undefined) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => void look(), wait).unref();
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  schedule();
  return {
    read: () => ({ cpuMs, peakMemoryBytes }),
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

async function lookAtTree(pid: number): Promise<Seen> {
  const [stat, status, children] = await Promise.all([read(pid, 'stat'), read(pid, 'status'), read(pid, `task/${pid}/children`)]);
  // Counted after the name in brackets, which may hold anything: user and system time, own and of children waited for.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  let ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
  let bytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  for (const child of children.split(' ').filter((name) => name !== '')) {
    const seen = await lookAtTree(Number(child));
    ticks += seen.ticks;
    bytes += seen.bytes;
  }
  return { ticks, bytes };
}

async function read(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}
