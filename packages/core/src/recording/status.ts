import type { RunStatus } from '../experiment/types.ts';
import type { CommandEnd } from './types.ts';

/** A shell's exit code for a command that a signal ended is this and the signal's number (POSIX, "exit status"). */
const SIGNAL_BASE = 128;
const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };

/** How a run ended by how its command did: one that was stopped, or ended by a signal, was killed, and did not fail. */
export function toEndStatus({ exitCode, signal, stopped }: CommandEnd): Extract<RunStatus, 'finished' | 'failed' | 'killed'> {
  if (exitCode === 0) return 'finished';
  if (signal !== null || stopped) return 'killed';
  return Object.values(SIGNALS).some((number) => exitCode === SIGNAL_BASE + number) ? 'killed' : 'failed';
}
