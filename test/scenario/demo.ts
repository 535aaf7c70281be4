/** The demo as a process of its own, on one home for life: started, watched through its server's events, killed, started again. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@pawl/client';

const SCRIPT = join(import.meta.dirname, '../../examples/spam/demo.ts');
const LIMIT_MS = 150_000;
const LOOK_MS = 10;

/** An event as the server told it to whoever asked: from then on it must never be lost. */
export interface SeenEvent {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface JournalLine {
  readonly index: number;
  readonly predictionId: string;
  readonly predicted: boolean;
}

export interface Life {
  /** Resolves at the first event, old or new, that satisfies; rejects when the process ends before. */
  event(satisfies: (event: SeenEvent) => boolean): Promise<SeenEvent>;
  /** Resolves when so many mails are answered; rejects when the process ends before. */
  answered(mails: number): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Resolves with the exit code when it ends by itself. */
  ended: Promise<number | null>;
}

export interface Demo {
  readonly folder: string;
  readonly home: string;
  /** Every event a server told, of all lives, by its number. */
  readonly seen: ReadonlyMap<number, SeenEvent>;
  /** What all lives printed. */
  output(): string;
  journal(): readonly JournalLine[];
  live(): Promise<Life>;
  remove(): void;
}

export function createDemo(): Demo {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-scenario-'));
  const home = join(folder, 'demo');
  const log = join(home, 'replay.log');
  const seen = new Map<number, SeenEvent>();
  let output = '';

  /** Whole lines only: a torn last one was never acknowledged. */
  const lines = (): readonly string[] => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : []);

  async function live(): Promise<Life> {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PAWL_|NODE_)/.test(name)));
    const child = spawn(process.execPath, [SCRIPT, '--exit', '--home', home, '--port', '0'], {
      cwd: folder,
      env: clean,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let mine = '';
    let gone = false;
    const hear = (piece: string): void => void ((mine += piece), (output += piece));
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const stop = new AbortController();
    const ended = new Promise<number | null>((resolve) =>
      child.once('close', (code) => {
        gone = true;
        clearTimeout(timer);
        stop.abort();
        resolve(code);
      }),
    );
    const until = async <T>(find: () => T | undefined): Promise<T> => {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        if (gone) throw new Error(`the demo ended too early:\n${output}`);
        await sleep(LOOK_MS);
      }
    };
    const server = await until(() => /the server answers at (\S+) meanwhile/.exec(mine)?.[1]);
    void listen(server, stop.signal);
    return {
      ended,
      event: (satisfies) => until(() => [...seen.values()].find(satisfies)),
      answered: async (mails) => void (await until(() => (lines().length >= mails ? true : undefined))),
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  /** Until the server is gone. */
  async function listen(server: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const { data } of createClient({ server, actor: 'user:watcher' }).stream('/events/stream', { after: 0 }, { signal })) {
        const event = JSON.parse(data) as SeenEvent;
        seen.set(event.seq, event);
      }
    } catch {
      // Killed in the middle of a message, as it should be.
    }
  }

  return {
    folder,
    home,
    seen,
    live,
    output: () => output,
    journal: () =>
      lines().map((line) => {
        const [index = '', predictionId = '', predicted] = line.split(' ');
        return { index: Number(index), predictionId, predicted: predicted === '1' };
      }),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  };
}
