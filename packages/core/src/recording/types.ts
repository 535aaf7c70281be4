import type { CodeVersion, RunStatus } from '../experiment/types.ts';

/** `lost`: nothing was heard of it for longer than its lease; it may still come back. */
export type RecordingState = 'open' | 'ended' | 'lost';

/** How the run's command goes, told by the program that runs it. */
export interface Recording {
  readonly run: string;
  /** As it was typed, secrets masked. */
  readonly command: string;
  readonly host: string;
  /** Names a row of the price table. */
  readonly machine: string | null;
  readonly state: RecordingState;
  /** Number of the last report taken; a report is taken once. */
  readonly report: number;
  readonly openedAt: number;
  /** By the server's clock. */
  readonly heardAt: number;
  readonly leaseMs: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly console: ConsoleState;
}

/** What of a console log is kept; see `placeLines`. */
export interface ConsoleState {
  /** Number of the last line taken. */
  readonly last: number;
  readonly headBytes: number;
  readonly tailBytes: number;
}

export type ConsoleStream = 'stdout' | 'stderr';

export interface ConsoleText {
  readonly time: number;
  readonly stream: ConsoleStream;
  readonly text: string;
}

/** A line of a run's console log. Numbers grow by one; where they jump, lines were not kept. */
export interface ConsoleLine extends ConsoleText {
  readonly seq: number;
}

/** Lines that follow each other, the first of which has number `first`. */
export interface ConsoleChunk {
  readonly first: number;
  readonly lines: readonly ConsoleText[];
}

/** What a tree of processes used so far; null where the system does not tell. All are lower bounds of the truth. */
export interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  /** Resident bytes, integrated over time. */
  readonly memoryByteSeconds: number | null;
  /** From and to storage; what the page cache answers does not count. */
  readonly readBytes: number | null;
  readonly writeBytes: number | null;
  /** GPUs at its disposal times the time it had them. */
  readonly gpuMs: number;
}

/** One look at a tree of processes and the machine it runs on. */
export interface UsageSample {
  readonly time: number;
  readonly usage: Usage;
  readonly residentBytes: number;
  /** Since the look before; 100 is one processor. */
  readonly cpuPercent: number;
  /** By MLflow's names without `system/`. */
  readonly machine: Readonly<Record<string, number>>;
}

/** What one command of a run used: the run's own, or a step's attempt. */
export interface RunUsage extends Usage {
  readonly run: string;
  /** Empty for the run's own command, else the step's name. */
  readonly source: string;
  readonly attempt: number;
  readonly task: string | null;
  readonly machine: string | null;
  /** Null without a price for it. */
  readonly cost: number | null;
  readonly currency: string | null;
}

/** How a command ended. */
export interface CommandEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Whether it was asked to stop. */
  readonly stopped: boolean;
}

/** A run as the users of a dataset version are listed. */
export interface DatasetUser {
  readonly run: string;
  readonly name: string;
  readonly experiment: number;
  readonly role: string;
  readonly status: RunStatus;
  readonly startedAt: number;
}

/** What becomes known of a run only after it began. */
export interface RunSurroundings {
  readonly code?: CodeVersion;
  readonly environment?: Readonly<Record<string, string>>;
}
