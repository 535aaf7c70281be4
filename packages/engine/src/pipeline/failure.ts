import { NOT_FOUND_EXIT } from '@pawl/core';
import type { CommandOutcome, PipelineStep } from '@pawl/core';

export interface Failure {
  readonly message: string;
  /** Whether another attempt could fare better. */
  readonly retryable: boolean;
}

const NOT_EXECUTABLE = 126;
const MOST_SAID = 500;

/** What people are told of an attempt whose command did not end well. */
export function describeFailure(step: PipelineStep, outcome: CommandOutcome, lastError: string): Failure {
  const { exitCode, signal, timedOut, outOfMemory } = outcome;
  const name = `Step "${step.name}"`;
  const said = lastError === '' ? '' : ` It said: ${lastError.slice(0, MOST_SAID)}`;
  if (outOfMemory)
    return { message: `${name} used more than ${toSize(step.resources?.memoryBytes ?? 0)} of memory and was ended.`, retryable: true };
  if (timedOut)
    return { message: `${name} took longer than its timeout of ${step.timeoutMs / 1000} s and was stopped.${said}`, retryable: true };
  if (exitCode === null) {
    const hint = signal === 'SIGKILL' ? ' Nothing of Pawl did that: perhaps the machine had no memory left.' : '';
    return { message: `${name} was ended by ${signal ?? 'a signal'}.${hint}${said}`, retryable: true };
  }
  // Another attempt would find as little.
  if (exitCode === NOT_FOUND_EXIT && step.uses !== undefined && lastError !== '')
    return { message: `${name}: ${lastError.slice(0, MOST_SAID)}.`, retryable: false };
  if (exitCode === NOT_FOUND_EXIT) return { message: `${name}: the command was not found (exit code 127).${said}`, retryable: false };
  if (exitCode === NOT_EXECUTABLE) return { message: `${name}: the command cannot be executed (exit code 126).${said}`, retryable: false };
  return { message: `${name} ended with exit code ${exitCode}.${said}`, retryable: true };
}

/** `1536 MB`, in the units that limits are written in. */
function toSize(bytes: number): string {
  return bytes >= 1e9 ? `${Number((bytes / 1e9).toPrecision(3))} GB` : `${Number((bytes / 1e6).toPrecision(3))} MB`;
}
