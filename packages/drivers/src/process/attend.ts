import { writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Clock, CommandOutcome, CommandSpec, LogLine, RunningCommand, UsageSample } from '@pawl/core';
import { toErrorCode } from '../fs/reason.ts';
import { createGroup } from './group.ts';
import type { Started } from './launch.ts';
import { createLineSplitter } from './lines.ts';
import type { Machine } from './machine.ts';
import { createSampler } from './sampler.ts';
import { endStrays } from './strays.ts';

export interface AttendPorts {
  /** Stamps the lines. */
  readonly clock: Clock;
  readonly machine: Machine;
}

export interface Attended {
  readonly spec: CommandSpec;
  /** Environment of the processes, with all that the executor added. */
  readonly env: Readonly<Record<string, string>>;
  /** What every process of the command is marked with. */
  readonly mark: string;
  readonly onLine: (line: LogLine) => void;
  readonly onSample?: ((sample: UsageSample) => void) | undefined;
}

/** Between SIGTERM and SIGKILL of a command that ran out of time. */
const TIMEOUT_GRACE_MS = 10_000;
/** The same for what a command left running when it ended itself. */
const LEFTOVER_GRACE_MS = 1000;
/** How long output is waited for that somebody else holds open. */
const OUTPUT_WAIT_MS = 1000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** When memory runs out on the whole machine, the kernel is to take the step and not the server. */
const EXPENDABLE = '500';

/** Follows started processes to their end: output, time, memory, and whatever they leave behind. */
export function attend({ clock, machine }: AttendPorts, started: Started, attended: Attended): RunningCommand {
  const { spec, env, mark, onLine, onSample } = attended;
  const group = createGroup(started.pid);
  void writeFile(`/proc/${started.pid}/oom_score_adj`, EXPENDABLE).catch(() => undefined);
  const streams: Readable[] = [];
  let cut = false;
  const ended = Promise.all([follow(started.stdout, 'stdout'), follow(started.stderr, 'stderr')]);
  // Awaited once the command is over; an error of whoever takes the lines is thrown there.
  ended.catch(() => undefined);
  let outOfMemory = false;
  const sampler = createSampler({
    pid: started.pid,
    clock,
    machine,
    env,
    onSample,
    limitBytes: spec.limits?.memoryBytes,
    onExceeded() {
      outOfMemory = true;
      group.stop(0);
    },
  });
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      group.stop(TIMEOUT_GRACE_MS);
    },
    Math.min(spec.timeoutMs, LONGEST_TIMER_MS),
  );

  async function finish(): Promise<CommandOutcome> {
    try {
      const { exitCode, signal, strays, counted } = await started.exited;
      await close(strays);
      const usage = sampler.usage();
      if (counted === undefined) return { exitCode, signal, timedOut, outOfMemory, usage };
      // The system's count is exact but for memory, where it knows the largest process and not their sum.
      const peakMemoryBytes = Math.max(usage.peakMemoryBytes ?? 0, counted.peakMemoryBytes);
      return { exitCode, signal, timedOut, outOfMemory, usage: { ...usage, ...counted, peakMemoryBytes } };
    } catch (error) {
      group.stop(0);
      await close(true);
      throw error;
    }
  }

  /** The command is over when all of it is gone, not only its first process. */
  async function close(strays: boolean): Promise<void> {
    clearTimeout(timer);
    sampler.stop();
    if (await group.isAlive()) group.stop(LEFTOVER_GRACE_MS);
    await group.gone();
    if (strays) await endStrays(mark, LEFTOVER_GRACE_MS);
    const patience = setTimeout(() => {
      cut = true;
      for (const stream of streams) stream.destroy();
    }, OUTPUT_WAIT_MS);
    await ended.finally(() => clearTimeout(patience));
  }

  async function follow(opened: Promise<Readable | null>, name: LogLine['stream']): Promise<void> {
    const stream = await opened;
    if (stream === null) return;
    streams.push(stream);
    if (cut) stream.destroy();
    const lines = createLineSplitter((text) => onLine({ time: clock.now(), stream: name, text }));
    try {
      for await (const chunk of stream) lines.push(chunk as Buffer);
    } catch (error) {
      // Cut off above, while somebody else still held it open, or by a process that was killed; what came before counts.
      if (toErrorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE' && toErrorCode(error) !== 'ECONNRESET') throw error;
    }
    lines.end();
  }

  return { done: finish(), stop: (graceMs) => group.stop(graceMs) };
}
