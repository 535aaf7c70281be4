import { readFile } from 'node:fs/promises';
import type { Usage } from '@pawl/core';

export interface UsageMeter {
  read(): Usage;
  /** Resident bytes at the last look. */
  resident(): number;
  stop(): void;
}

/** Clock ticks of /proc a second: 100 for programs, whatever the kernel's own rate (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;
const FIRST_LOOK_MS = 50;
const LONGEST_WAIT_MS = 1000;
/** The same where there is a limit: memory can be filled at gigabytes a second. */
const LIMITED_WAIT_MS = 100;

export interface UsageMeterOptions {
  /** GPUs at its disposal. */
  readonly gpus?: () => number;
  /** Most memory of the tree. */
  readonly limitBytes?: number;
  /** Called once, when it has more. */
  readonly onExceeded?: () => void;
}

interface Seen {
  readonly ticks: number;
  readonly bytes: number;
  /** The highest that any one process of the tree had by itself. */
  readonly peak: number;
  readonly read: number;
  readonly written: number;
}

/**
 * Looks at a process tree through /proc, soon at first and then every second. Processor time and bytes count children that ended through those who waited for them; the peak of
 * memory is the highest sum of resident sizes, or the highest that one process reached between two looks. Where the system does not tell (anything but Linux), or when the command
 * ended before the first look, there is nothing but the time.
 */
export function createUsageMeter(pid: number, options: UsageMeterOptions = {}): UsageMeter {
  const { gpus = () => 0, limitBytes = Infinity, onExceeded } = options;
  const longestWait = limitBytes === Infinity ? LONGEST_WAIT_MS : LIMITED_WAIT_MS;
  const began = performance.now();
  let most: Seen | undefined;
  let resident = 0;
  let byteSeconds = 0;
  let lastLook = began;
  let ended: number | undefined;
  let wait = FIRST_LOOK_MS;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const seen = await lookAtTree(pid);
    const now = performance.now();
    if (seen.bytes > 0) {
      byteSeconds += (Math.max(resident, most === undefined ? seen.bytes : 0) * (now - lastLook)) / 1000;
      lastLook = now;
      resident = seen.bytes;
      most = {
        ticks: Math.max(most?.ticks ?? 0, seen.ticks),
        bytes: Math.max(most?.bytes ?? 0, seen.bytes),
        peak: Math.max(most?.peak ?? 0, seen.peak),
        read: Math.max(most?.read ?? 0, seen.read),
        written: Math.max(most?.written ?? 0, seen.written),
      };
    }
    // Pages that processes share count in each; only when those do not explain it is it too much.
    if (seen.bytes > limitBytes && timer !== undefined && (await shareOfTree(pid)) > limitBytes) {
      most = { ...(most ?? seen), peak: Math.max(most?.peak ?? 0, seen.bytes) };
      onExceeded?.();
      return;
    }
    if (timer !== undefined) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => void look(), wait).unref();
    wait = Math.min(wait * 2, longestWait);
  }

  schedule();
  return {
    read() {
      const wallMs = Math.round((ended ?? performance.now()) - began);
      const gpuMs = gpus() * wallMs;
      if (most === undefined)
        return { wallMs, cpuMs: null, peakMemoryBytes: null, memoryByteSeconds: null, readBytes: null, writeBytes: null, gpuMs };
      return {
        wallMs,
        cpuMs: (most.ticks * 1000) / TICKS_PER_SECOND,
        peakMemoryBytes: Math.max(most.bytes, most.peak),
        memoryByteSeconds: byteSeconds,
        readBytes: most.read,
        writeBytes: most.written,
        gpuMs,
      };
    },
    resident: () => resident,
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      if (ended !== undefined) return;
      ended = performance.now();
      byteSeconds += (resident * (ended - lastLook)) / 1000;
    },
  };
}

async function lookAtTree(pid: number): Promise<Seen> {
  const [stat, status, io, children] = await Promise.all([
    read(pid, 'stat'),
    read(pid, 'status'),
    read(pid, 'io'),
    read(pid, `task/${pid}/children`),
  ]);
  // Counted after the name in brackets, which may hold anything: user and system time, own and of children waited for.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const memory = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  const moved = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1] ?? 0);
  let ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
  let bytes = memory('VmRSS');
  let peak = memory('VmHWM');
  let readBytes = moved('read_bytes');
  let written = moved('write_bytes');
  for (const child of children.split(' ').filter((name) => name !== '')) {
    const seen = await lookAtTree(Number(child));
    ticks += seen.ticks;
    bytes += seen.bytes;
    peak = Math.max(peak, seen.peak);
    readBytes += seen.read;
    written += seen.written;
  }
  return { ticks, bytes, peak, read: readBytes, written };
}

/** Memory of a tree, each shared page counted once over all that share it (proc(5), Pss); its resident size where that is not told. */
async function shareOfTree(pid: number): Promise<number> {
  const [rollup, status, children] = await Promise.all([read(pid, 'smaps_rollup'), read(pid, 'status'), read(pid, `task/${pid}/children`)]);
  const share = /^Pss:\s+(\d+) kB$/m.exec(rollup) ?? /^VmRSS:\s+(\d+) kB$/m.exec(status);
  let bytes = Number(share?.[1] ?? 0) * 1024;
  for (const child of children.split(' ').filter((name) => name !== '')) bytes += await shareOfTree(Number(child));
  return bytes;
}

async function read(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}
