import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fault } from '@pawl/core';
import type { Clock, CommandOutcome, CommandSpec, Executor, LogLine, RunningCommand, UsageSample } from '@pawl/core';
import { toErrorCode, toReason } from '../fs/reason.ts';
import { createGroup } from './group.ts';
import type { Group } from './group.ts';
import { createLineSplitter } from './lines.ts';
import { createMachine } from './machine.ts';
import { createSampler } from './sampler.ts';

export interface ProcessExecutorOptions {
  /** Stamps the lines. */
  readonly clock: Clock;
  /** What every command gets beside its own environment, such as PATH and HOME. Nothing else of this process's environment reaches it. */
  readonly basics: Readonly<Record<string, string>>;
}

/** Between SIGTERM and SIGKILL of a command that ran out of time. */
const TIMEOUT_GRACE_MS = 10_000;
/** The same for what a command left running in its group when it ended itself. */
const LEFTOVER_GRACE_MS = 1000;
/** How long output is waited for that a process outside the group holds open. */
const OUTPUT_WAIT_MS = 1000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs commands by `sh -c`, each the leader of a process group of its own, so that a stop reaches all it started. The groups die with this process when that exits. */
export function createProcessExecutor(options: ProcessExecutorOptions): Executor {
  const machine = createMachine();

  async function start(
    spec: CommandSpec,
    onLine: (line: LogLine) => void,
    onSample?: (sample: UsageSample) => void,
  ): Promise<RunningCommand> {
    const child = await launch(spec, options.basics);
    const group = createGroup(child.pid ?? 0);
    const ended = Promise.all([follow(child.stdout, 'stdout'), follow(child.stderr, 'stderr')]);
    // Awaited once the command is over; an error of whoever takes the lines is thrown there.
    ended.catch(() => undefined);
    const sampler = createSampler({ pid: child.pid ?? 0, clock: options.clock, machine, env: spec.env, onSample });
    let timedOut = false;
    const timer = setTimeout(
      () => {
        timedOut = true;
        group.stop(TIMEOUT_GRACE_MS);
      },
      Math.min(spec.timeoutMs, LONGEST_TIMER_MS),
    );

    async function finish(): Promise<CommandOutcome> {
      const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null];
      clearTimeout(timer);
      sampler.stop();
      await closeGroup(group);
      await settle(ended, child);
      return { exitCode, signal, timedOut, usage: sampler.usage() };
    }

    async function follow(stream: Readable, name: LogLine['stream']): Promise<void> {
      const lines = createLineSplitter((text) => onLine({ time: options.clock.now(), stream: name, text }));
      try {
        for await (const chunk of stream) lines.push(chunk as Buffer);
      } catch (error) {
        // Cut off below, while somebody else still held it open; what came before it counts.
        if (toErrorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      }
      lines.end();
    }

    return { done: finish(), stop: (graceMs) => group.stop(graceMs) };
  }

  return { start };
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

async function launch(spec: CommandSpec, basics: Readonly<Record<string, string>>): Promise<Child> {
  const refuse = (reason: string, cause?: unknown): Error => fault('command_not_started', { command: spec.command, reason }, cause);
  const folder = await stat(spec.cwd).catch(() => undefined);
  if (folder?.isDirectory() !== true) throw refuse('its working folder does not exist');
  try {
    const child = spawn('sh', ['-c', spec.command], {
      cwd: spec.cwd,
      env: { ...basics, ...spec.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(child, 'spawn');
    return child;
  } catch (error) {
    throw refuse(toReason(error), error);
  }
}

/** The command is over when its whole group is gone, not only its first process. */
async function closeGroup(group: Group): Promise<void> {
  if (await group.isAlive()) group.stop(LEFTOVER_GRACE_MS);
  await group.gone();
}

async function settle(ended: Promise<unknown>, child: Child): Promise<void> {
  const cut = setTimeout(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  }, OUTPUT_WAIT_MS);
  await ended;
  clearTimeout(cut);
}
