/** Runs the real command line, each command a process of its own, against a real server that is one as well. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const entry = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Text for standard input; there is none when absent. */
  readonly input?: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

const LIMIT_MS = 60_000;

/** Nothing of the surroundings' PAWL_… gets in. */
export function start(args: readonly string[], { env = {}, cwd = tmpdir(), input }: RunOptions = {}): Started {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PAWL_|NODE_|FORCE_COLOR|CI$)/.test(name)));
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { ...clean, PAWL_USER: 'ann', PAWL_CACHE: join(tmpdir(), 'pawl-test-cache'), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text.stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (text.stderr += piece));
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...text });
    });
  });
  return { child, ended };
}

export const pawl = (args: readonly string[], options: RunOptions = {}): Promise<Ended> => start(args, options).ended;

export interface Server {
  readonly url: string;
  /** A folder of the test's own, gone when the server stops. */
  readonly folder: string;
  readonly home: string;
  /** Runs a command against this server; throws unless it ends with `code` (default 0). Gives what it printed. */
  run(...args: readonly string[]): Promise<string>;
  /** The same with `--json`, parsed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- what a test asserts on decides what is there
  json(...args: readonly string[]): Promise<any>;
  /** Expects the exit code and one line on standard error; gives that line. */
  refuse(code: number, ...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Further words of the command line. */
  readonly args?: readonly string[];
  /** Kibibytes that a file may have: writing more fails, as on a full disk. */
  readonly largestFileKb?: number;
}

export async function startServer({ args = [], largestFileKb }: ServerOptions = {}): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-cli-'));
  const home = join(folder, 'home');
  const command = [process.execPath, entry, 'server', '--port', '0', '--home', home, '--log-level', 'error', ...args];
  const [program = '', ...words] =
    largestFileKb === undefined ? command : ['bash', '-c', 'ulimit -f "$0" && exec "$@"', String(largestFileKb), ...command];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const ready = /Pawl is ready at (\S+)\n/.exec(text);
      if (ready?.[1] !== undefined) resolve(ready[1]);
    });
    void gone.then(() => reject(new Error(`the server ended before it was ready: ${text}`)));
  });
  const env = { PAWL_SERVER: url, PAWL_CACHE: join(folder, 'cache') };
  const expectCode = (ended: Ended, code: number, args: readonly string[]): Ended => {
    if (ended.code === code) return ended;
    throw new Error(`pawl ${args.join(' ')} ended with ${ended.code}, not ${code}\n${ended.stdout}${ended.stderr}`);
  };
  const run = async (...args: readonly string[]): Promise<string> => expectCode(await pawl(args, { env, cwd: folder }), 0, args).stdout;
  return {
    url,
    folder,
    home,
    run,
    json: async (...args) => JSON.parse(await run(...args, '--json')) as unknown,
    async refuse(code, ...args) {
      const { stderr, stdout } = expectCode(await pawl(args, { env, cwd: folder }), code, args);
      if (!/^[^\n]+\n$/.test(stderr) || stdout !== '')
        throw new Error(`pawl ${args.join(' ')} said more or less than one line: ${JSON.stringify({ stderr, stdout })}`);
      return stderr.trim();
    },
    async stop() {
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
