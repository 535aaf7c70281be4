import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { ConsoleText } from '@pawl/core';
import { createLineSplitter } from '@pawl/drivers/command';

export interface ChildOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: ConsoleText) => void;
}

export interface ChildEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Whether a signal was passed on to it. */
  readonly stopped: boolean;
}

export interface RunningChild {
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
const STOPPING: ReadonlySet<string> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);
/** The terminal sends these to every program in its foreground, the command too. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT']);
/** How long output is waited for that a process left behind holds open. */
const OUTPUT_WAIT_MS = 1000;

/** A command could not be started. */
export class NotStarted extends Error {
  /** As shells have it: 127 not found, 126 not executable. */
  readonly exitCode: number;

  constructor(program: string, error: NodeJS.ErrnoException) {
    super(
      `cannot run ${program}: ${error.code === 'ENOENT' ? 'it was not found' : error.code === 'EACCES' ? 'it is not executable' : error.message}`,
    );
    this.exitCode = error.code === 'ENOENT' ? 127 : 126;
  }
}

/** Starts a command in the place of one typed by hand: same terminal input, same output, same signals. What it writes is handed on line by line as well. */
export async function startChild({ argv, env, onLine }: ChildOptions): Promise<RunningChild> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { env: { ...env }, stdio: ['inherit', 'pipe', 'pipe'] });
  await once(child, 'spawn').catch((error: unknown) => {
    throw new NotStarted(program, error as NodeJS.ErrnoException);
  });
  const { stdout, stderr } = child;
  const read = Promise.all([pass(stdout, process.stdout, 'stdout', onLine), pass(stderr, process.stderr, 'stderr', onLine)]);
  let stopped = false;
  const forward = (signal: NodeJS.Signals): void => {
    stopped ||= STOPPING.has(signal);
    if (!(FROM_TERMINAL.has(signal) && process.stdin.isTTY)) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return { pid: child.pid ?? 0, ended: finish(child, read, () => stopped) };
}

async function finish(child: ChildProcess, read: Promise<unknown>, stopped: () => boolean): Promise<ChildEnd> {
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null];
  const cut = setTimeout(() => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, OUTPUT_WAIT_MS);
  await read;
  clearTimeout(cut);
  return { exitCode, signal, stopped: stopped() };
}

async function pass(
  from: Readable,
  to: NodeJS.WriteStream,
  stream: ConsoleText['stream'],
  onLine: (line: ConsoleText) => void,
): Promise<void> {
  const lines = createLineSplitter((text) => onLine({ time: Date.now(), stream, text }));
  from.on('data', (piece: Buffer) => lines.push(piece));
  from.pipe(to, { end: false });
  // Whoever read the output has gone (`| head`): the command is still recorded to its end.
  to.removeAllListeners('error').on('error', () => {
    from.unpipe(to);
    from.resume();
  });
  await new Promise<void>((resolve) => from.once('close', resolve).once('error', () => resolve()));
  lines.end();
}

/** The exit code that a shell gives a command that ended so. */
export function toExitCode({ exitCode, signal }: ChildEnd): number {
  if (exitCode !== null) return exitCode;
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}
