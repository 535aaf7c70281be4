/** `pawl server` as a process of its own, as an operator starts it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pawl, start } from '../cli/pawl.ts';
import type { Ended } from '../cli/pawl.ts';

export interface Running {
  readonly url: string;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** SIGTERM; gives how it ended and how long that took, in ms. */
  stop(): Promise<Ended & { readonly ms: number }>;
  /** Runs a command against it. */
  pawl(...args: readonly string[]): Promise<Ended>;
  /** The same with `--json`, parsed; throws unless it ends with 0. */
  // oxlint-disable-next-line typescript/no-explicit-any -- what a test asserts on decides what is there
  json(...args: readonly string[]): Promise<any>;
}

/** A folder that is gone after the test. */
export function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-server-'));
  context.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return folder;
}

/** Starts a server on a free port and waits until it says that it is ready; it is killed after the test if it still runs. */
export async function serve(context: TestContext, home: string, ...args: readonly string[]): Promise<Running> {
  const { child, ended } = start(['server', '--home', home, '--port', '0', '--log-level', 'error', ...args]);
  context.after(() => child.kill('SIGKILL'));
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (piece: string) => {
      text += piece;
      const ready = /^Pawl is ready at (\S+)\n$/.exec(text);
      if (ready?.[1] !== undefined) resolve(ready[1]);
    });
    void ended.then((one) => reject(new Error(`the server ended before it was ready: ${JSON.stringify(one)}`)));
  });
  const command = (...words: readonly string[]): Promise<Ended> => pawl(words, { env: { PAWL_SERVER: url } });
  return {
    url,
    pid: child.pid ?? 0,
    ended,
    signal: (name) => void child.kill(name),
    async stop() {
      const began = performance.now();
      child.kill('SIGTERM');
      return { ...(await ended), ms: performance.now() - began };
    },
    pawl: command,
    async json(...words) {
      const { code, stdout, stderr } = await command(...words, '--json');
      if (code !== 0) throw new Error(`pawl ${words.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as unknown;
    },
  };
}

export async function until<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = Date.now() + 20_000; ;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error('it did not come to pass within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
