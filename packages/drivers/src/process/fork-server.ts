import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fault } from '@pawl/core';
import type { FunctionCall } from '@pawl/core';
import { pythonProgram } from './launch.ts';
import type { Exit, Started } from './launch.ts';

export interface ForkServerOptions {
  readonly interpreter: string;
  readonly env: Readonly<Record<string, string>>;
  /** Imported once, before the first call. */
  readonly modules: readonly string[];
  /** A call imported these itself; a server that has them already would be quicker. */
  onLearned(names: readonly string[]): void;
  /** This module cannot be imported before a fork. */
  onUnusable(name: string): void;
}

export interface ForkCall {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly call: FunctionCall;
}

/** The client of one `pawl_fork.py`. */
export interface ForkServer {
  /** `stale`: what it has imported was replaced since, and another server must do it. Undefined: it has ended. */
  call(request: ForkCall): Promise<Started | 'stale' | undefined>;
  /** Takes no more calls, and ends with the last one. */
  retire(): void;
  /** Resolves when it is gone; false when nobody wanted that. */
  readonly ended: Promise<boolean>;
}

const START_LIMIT_MS = 60_000;
/** How long the connections are waited for of a call that has ended: they were made before, but may be heard of later. */
const CONNECT_WAIT_MS = 1000;

interface Pending {
  readonly begun: PromiseWithResolvers<number | 'stale' | undefined>;
  readonly exited: PromiseWithResolvers<Exit>;
  readonly stdout: PromiseWithResolvers<Socket | null>;
  readonly stderr: PromiseWithResolvers<Socket | null>;
}

interface Answer {
  readonly id?: number;
  readonly ready?: true;
  readonly unusable?: string;
  readonly stale?: true;
  readonly pid?: number;
  readonly exit?: number;
  readonly cpu?: number;
  readonly peak?: number;
  readonly read?: number;
  readonly written?: number;
  readonly strays?: boolean;
}

/** Rejects when it does not become ready. */
export async function startForkServer(options: ForkServerOptions): Promise<ForkServer> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-fork-'));
  const address = join(folder, 's');
  const listener = createServer(connected);
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clear);
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let running = 0;
  let retired = false;

  await once(listener.listen(address), 'listening');
  const child = spawn(options.interpreter, [pythonProgram, 'serve', ...options.modules], {
    cwd: '/',
    env: { ...options.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<boolean>();
  child.on('error', gone);
  child.on('exit', gone);
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => take(JSON.parse(line) as Answer));
  const late = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  await ready.promise.finally(() => clearTimeout(late));
  hold(false);

  /** A server without calls keeps nobody's event loop alive. */
  function hold(busy: boolean): void {
    for (const handle of [child, child.stdin as Socket, child.stdout as Socket, listener]) {
      if (busy) handle.ref();
      else handle.unref();
    }
  }

  function take(answer: Answer): void {
    if (answer.ready === true) return ready.resolve();
    if (answer.unusable !== undefined) return options.onUnusable(answer.unusable);
    const { id = 0 } = answer;
    const call = pending.get(id);
    if (call === undefined) return;
    if (answer.stale === true) call.begun.resolve('stale');
    if (answer.pid !== undefined) return call.begun.resolve(answer.pid);
    if (answer.exit !== undefined) {
      call.exited.resolve(toExit(answer));
      // Unheard of until now: there will be nothing to hear, most likely.
      setTimeout(() => forget(id), CONNECT_WAIT_MS).unref();
    }
    over();
  }

  function over(): void {
    running -= 1;
    if (running > 0) return;
    hold(false);
    if (retired) child.stdin.end();
  }

  function forget(id: number): void {
    const call = pending.get(id);
    call?.stdout.resolve(null);
    call?.stderr.resolve(null);
    pending.delete(id);
  }

  function connected(socket: Socket): void {
    let head = Buffer.alloc(0);
    socket.on('error', () => undefined);
    const read = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\n');
        if (end < 0) continue;
        socket.removeListener('readable', read);
        if (head.length > end + 1) socket.unshift(head.subarray(end + 1));
        const [id = '', stream = ''] = head.toString('latin1', 0, end).split(' ');
        return route(socket, pending.get(Number(id)), stream);
      }
    };
    socket.on('readable', read);
  }

  function route(socket: Socket, call: Pending | undefined, stream: string): void {
    if (stream === 'learned') return void learned(socket);
    if (call === undefined || (stream !== 'stdout' && stream !== 'stderr')) return void socket.destroy();
    call[stream].resolve(socket);
  }

  async function learned(socket: Socket): Promise<void> {
    let text = '';
    try {
      for await (const chunk of socket) text += String(chunk);
      options.onLearned(JSON.parse(text) as string[]);
    } catch {
      // It would have been quicker; it is right without.
    }
  }

  function gone(): void {
    process.removeListener('exit', clear);
    clear();
    listener.close();
    ready.reject(new Error('the fork server ended before it was ready'));
    for (const [id, call] of pending) {
      call.begun.resolve(undefined);
      call.exited.reject(fault('worker_died', { interpreter: options.interpreter }));
      forget(id);
    }
    ended.resolve(retired);
  }

  return {
    ended: ended.promise,
    async call({ cwd, env, call }) {
      if (retired || child.exitCode !== null || child.signalCode !== null) return retired ? 'stale' : undefined;
      const id = nextId++;
      const one: Pending = {
        begun: Promise.withResolvers(),
        exited: Promise.withResolvers(),
        stdout: Promise.withResolvers(),
        stderr: Promise.withResolvers(),
      };
      one.exited.promise.catch(() => undefined);
      pending.set(id, one);
      running += 1;
      hold(true);
      child.stdin.write(`${JSON.stringify({ id, socket: address, cwd, env, call })}\n`);
      const pid = await one.begun.promise;
      if (typeof pid !== 'number') {
        forget(id);
        return pid;
      }
      return { pid, stdout: one.stdout.promise, stderr: one.stderr.promise, exited: one.exited.promise };
    },
    retire() {
      retired = true;
      if (running === 0) child.stdin.end();
    },
  };
}

function toExit({ exit = 0, cpu = 0, peak = 0, read = 0, written = 0, strays = false }: Answer): Exit {
  const signal = exit < 0 ? (Object.entries(constants.signals).find(([, number]) => number === -exit)?.[0] ?? null) : null;
  return {
    exitCode: exit < 0 ? null : exit,
    signal: signal as NodeJS.Signals | null,
    strays,
    counted: { cpuMs: Math.round(cpu * 1000), peakMemoryBytes: peak, readBytes: read, writeBytes: written },
  };
}
