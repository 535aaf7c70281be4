import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CellValue, Log, PythonCommand } from '@pawl/core';
import type { Answer } from './frame.ts';
import type { Batch, TensorSpec } from '../../tensor/tensor.ts';
import { createReader, toFrame } from './frame.ts';

const WORKER = fileURLToPath(new URL('./worker.py', import.meta.url));

/** What a model's Python says once it has opened the model. */
export interface Opened {
  readonly inputs: readonly TensorSpec[];
  readonly open: boolean;
  readonly classes: readonly CellValue[] | null;
  readonly python: string;
  /** What the process takes of memory with the model open. */
  readonly bytes: number;
}

export interface PythonLimits {
  /** Bytes of memory that a process may use; beyond, its allocations fail. 0: no limit. */
  readonly memoryBytes: number;
  /** Longest time to open a model, milliseconds. */
  readonly openMs: number;
  /** Longest time of one batch; a process that needs longer is killed. */
  readonly callMs: number;
}

/** A model's Python under way. */
export interface PythonProcess {
  readonly opened: Opened;
  /** Rejects when the model fails on the batch, and with `ProcessEnded` when the process ends before it has answered. */
  call(batch: Batch): Promise<Answer>;
  /** Resolves with why, once it has ended. */
  readonly ended: Promise<string>;
  kill(): void;
}

/** The process is gone: the batch may be good. */
export class ProcessEnded extends Error {}

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Starts a Python on a package and waits until the model is open. Throws an Error that says in one line why it is not. */
export async function startPython(
  folder: string,
  name: string,
  { command, env }: PythonCommand,
  limits: PythonLimits,
  logger: Log,
): Promise<PythonProcess> {
  const child = spawn(command, ['-u', WORKER, folder, String(limits.memoryBytes)], {
    cwd: folder,
    env: { ...env },
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  });
  const pending = new Map<number, Pending>();
  let last = 0;
  let why: string | undefined;
  const stop = (reason: string): void => {
    why ??= reason;
    child.kill('SIGKILL');
  };
  createInterface({ input: child.stderr as Readable }).on('line', (line) =>
    logger.info({ model: name, line: line.slice(0, 2000) }, 'python'),
  );
  const requests = child.stdin as Writable;
  requests.on('error', () => {});

  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`Python could not be started (${(error as NodeJS.ErrnoException).code ?? error.message})`));
    child.on('exit', (code, signal) =>
      resolve(why ?? (signal === null ? `its Python ended with code ${code ?? 0}` : `its Python was ended by ${signal}`)),
    );
  });
  void ended.then((reason) => {
    for (const { reject, timer } of pending.values()) {
      clearTimeout(timer);
      reject(new ProcessEnded(reason));
    }
    pending.clear();
  });

  const opened = new Promise<Opened>((resolve, reject) => {
    const late = setTimeout(() => stop(`it was not open after ${limits.openMs / 1000} s`), limits.openMs);
    void ended.then((reason) => {
      clearTimeout(late);
      reject(new Error(reason));
    });
    const read = createReader((answer) => {
      const { header } = answer;
      if (header['ready'] === true) {
        clearTimeout(late);
        resolve(header as unknown as Opened);
      } else if (header['ready'] === false) {
        stop(String(header['error']));
      } else {
        settle(answer);
      }
    });
    (child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch (error) {
        stop(error instanceof Error ? error.message : String(error));
      }
    });
  });

  function settle(answer: Answer): void {
    const id = Number(answer.header['id']);
    const call = pending.get(id);
    if (call === undefined) return;
    pending.delete(id);
    clearTimeout(call.timer);
    const error = answer.header['error'];
    if (error === undefined) call.resolve(answer);
    else call.reject(new Error(typeof error === 'string' ? error : 'the model failed'));
  }

  const facts = await opened;
  return {
    opened: facts,
    ended,
    call: (batch) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        const timer = setTimeout(() => stop(`it took longer than ${limits.callMs / 1000} s for a batch`), limits.callMs);
        pending.set(id, { resolve, reject, timer });
        requests.write(toFrame({ id, ...(batch.params !== undefined && { params: batch.params }) }, batch.columns));
      }),
    kill: () => stop('it was closed'),
  };
}
