import { toLine } from './text.ts';

/** Exit codes of the command line: 0 done, 1 the work failed, 2 wrong use, 3 the server could not be reached. */
const exitCodes = { done: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** Work that the server did and that came out badly, such as data that failed its check: told already, so only the exit code is left to say it. */
export class Failed extends Error {}

/** A command line that cannot be carried out as it is written. */
export class UsageError extends Error {}

/** What went wrong as an exit code and one line; no line when it is told already. */
export function toExit(error: unknown): { readonly code: number; readonly message: string | undefined } {
  if (error instanceof Failed) return { code: exitCodes.failed, message: undefined };
  const { code, name, message } = (error ?? {}) as { code?: unknown; name?: unknown; message?: unknown };
  const line = `Error: ${typeof message === 'string' && message !== '' ? toLine(message) : 'something went wrong'}`;
  if (name === 'AbortError') return { code: exitCodes.interrupted, message: 'Interrupted.' };
  if (error instanceof UsageError || code === 'invalid_input') return { code: exitCodes.usage, message: line };
  if (code === 'server_unreachable') return { code: exitCodes.unreachable, message: line };
  return { code: exitCodes.failed, message: line };
}
