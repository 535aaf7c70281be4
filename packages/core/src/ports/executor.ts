import type { Usage, UsageSample } from '../recording/types.ts';
import type { JsonValue } from './json.ts';

/** What a function gets under one name: a value, or the path of an input; with `json`, what stands in that file. One that is `optional` need not be taken. */
export type CallArgument = { readonly value: JsonValue; readonly optional?: true } | { readonly path: string; readonly json: boolean };

/**
 * A call of one function of a project. Arguments and outputs have the names of the function's parameters. An output that is one gets the path to write to; what the function
 * returns is written to the other outputs that are `json`: to the only one as it is, to several by their names.
 */
export interface FunctionCall {
  readonly language: 'python' | 'node';
  /** Program that runs it; `node` or a path of a Python. */
  readonly interpreter: string;
  /** Absolute path of the file that defines it. */
  readonly file: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, CallArgument>>;
  readonly outputs: Readonly<Record<string, { readonly path: string; readonly json: boolean }>>;
}

/** What a command may use. */
export interface CommandLimits {
  /** Processors that libraries with threads of their own are told to use. */
  readonly cpus?: number;
  /** Of all its processes together; a command that uses more is ended. */
  readonly memoryBytes?: number;
  /** GPUs that it gets to itself and sees; 0: it sees none. Absent: it sees all. */
  readonly gpus?: number;
}

export interface CommandSpec {
  /** A text is run by the shell of the machine, as in an npm script. */
  readonly command: string | FunctionCall;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly limits?: CommandLimits;
}

export interface LogLine {
  readonly time: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** Exit code of a call that does not fit its function, or of a command that is not there (the shell's code for it): another attempt would fare no better. */
export const NOT_FOUND_EXIT = 127;

export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** It used more memory than its limit, and was ended for it. */
  readonly outOfMemory: boolean;
  readonly usage: Usage;
}

export interface RunningCommand {
  /** Resolves when no process of it is left. Rejects with `worker_died`, or what whoever takes the lines threw. */
  readonly done: Promise<CommandOutcome>;
  /** SIGTERM to the whole process group, SIGKILL after the grace. */
  stop(graceMs: number): void;
}

/** Runs a step's command in child processes of their own process group. Throws `command_not_started` when it cannot. */
export interface Executor {
  start(spec: CommandSpec, onLine: (line: LogLine) => void, onSample?: (sample: UsageSample) => void): Promise<RunningCommand>;
}

/** The command as people wrote it. */
export function toCommandText(command: CommandSpec['command']): string {
  return typeof command === 'string' ? command : `${command.file}:${command.name}`;
}
