import type { Usage, UsageSample } from '../recording/types.ts';

export interface CommandSpec {
  /** Run by the shell of the machine, as in an npm script. */
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface LogLine {
  readonly time: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly usage: Usage;
}

export interface RunningCommand {
  readonly done: Promise<CommandOutcome>;
  /** SIGTERM to the whole process group, SIGKILL after the grace. */
  stop(graceMs: number): void;
}

/** Runs a step's command in a child process of its own process group. Throws `command_not_started` when it cannot. */
export interface Executor {
  start(spec: CommandSpec, onLine: (line: LogLine) => void, onSample?: (sample: UsageSample) => void): Promise<RunningCommand>;
}
