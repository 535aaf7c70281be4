import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fault, toCommandText } from '@pawl/core';
import type { CommandSpec } from '@pawl/core';
import { toReason } from '../fs/reason.ts';

/** Processes just started, by whatever way. */
export interface Started {
  /** Leader of its group. */
  readonly pid: number;
  /** Null when it ended before it could be heard. */
  readonly stdout: Promise<Readable | null>;
  readonly stderr: Promise<Readable | null>;
  readonly exited: Promise<Exit>;
}

export interface Exit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Something may live on that left the group. */
  readonly strays: boolean;
  /** As the system counted at the end; absent where it is not told. */
  readonly counted?: { readonly cpuMs: number; readonly peakMemoryBytes: number; readonly readBytes: number; readonly writeBytes: number };
}

const programs = join(import.meta.dirname, 'step');
/** Beside this file, or in the folder `step` beside the bundle that holds it. */
export const pythonProgram: string = join(programs, 'pawl_step.py');
const nodeProgram = join(programs, 'call.mjs');

/** Starts a command or a call in a process group of its own. Throws `command_not_started`. */
export async function launch(spec: CommandSpec, env: Readonly<Record<string, string>>): Promise<Started> {
  const { command } = spec;
  const refuse = (reason: string, cause?: unknown): Error =>
    fault('command_not_started', { command: toCommandText(command), reason }, cause);
  await requireFolder(spec);
  const [program, args] =
    typeof command === 'string'
      ? ['sh', ['-c', command]]
      : [command.interpreter, command.language === 'python' ? [pythonProgram] : ['--disable-warning=ExperimentalWarning', nodeProgram]];
  try {
    const child = spawn(program, args, { cwd: spec.cwd, env: { ...env }, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const exited = once(child, 'exit');
    exited.catch(() => undefined);
    await once(child, 'spawn');
    // A program that ended without reading what it was told shows that by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(typeof command === 'string' ? '' : JSON.stringify(command));
    return {
      pid: child.pid ?? 0,
      stdout: Promise.resolve(child.stdout),
      stderr: Promise.resolve(child.stderr),
      exited: exited.then(([exitCode, signal]: unknown[]) => ({
        exitCode: exitCode as number | null,
        signal: signal as NodeJS.Signals | null,
        strays: true,
      })),
    };
  } catch (error) {
    throw refuse(toReason(error), error);
  }
}

/** Throws `command_not_started`. */
export async function requireFolder({ command, cwd }: CommandSpec): Promise<void> {
  const folder = await stat(cwd).catch(() => undefined);
  if (folder?.isDirectory() !== true)
    throw fault('command_not_started', { command: toCommandText(command), reason: 'its working folder does not exist' });
}
