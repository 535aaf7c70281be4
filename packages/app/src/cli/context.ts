import type { Client } from '@pawl/client';
import { actorName, serverAddress } from '../config/environment.ts';
import { UsageError } from './exit.ts';
import { toTable } from './table.ts';
import type { Column } from './table.ts';

/** What every command gets: whom it speaks to, and how it answers. */
export interface Context {
  readonly json: boolean;
  readonly server: string;
  readonly actor: string;
  /** Aborted by Ctrl-C and SIGTERM; what a command began it then takes back. */
  readonly signal: AbortSignal;
  /** The client is loaded when it is first asked for. */
  client(): Promise<Client>;
  /** Prints the answer: as it came with `--json`, else the text made of it. */
  answer(answer: unknown, toText: () => string): void;
  /** Prints rows: the answer as it came with `--json`, else a table, and what to say when there is no row. */
  table<Row>(answer: { readonly items: readonly Row[]; readonly next?: string }, columns: readonly Column<Row>[], empty: string): void;
  /** How text for a terminal is to be: its width and whether it takes colours. */
  readonly look: Look;
}

export interface Look {
  /** Columns of the terminal; undefined when it is none, and nothing is cut. */
  readonly width: number | undefined;
  readonly color: boolean;
}

export function createContext(options: () => { readonly json?: boolean; readonly server?: string }): Context {
  const abort = new AbortController();
  const interrupt = (): void => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort(new DOMException('Interrupted.', 'AbortError'));
  };
  const context: Context = {
    get json() {
      return options().json === true;
    },
    get server() {
      const address = serverAddress(options().server);
      if (/^https?:\/\//.test(address) && URL.canParse(address)) return address;
      throw new UsageError(`"${address}" is no address of a server: write it as http://HOST:PORT.`);
    },
    actor: actorName(),
    get signal() {
      if (process.listenerCount('SIGINT', interrupt) === 0) process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
      return abort.signal;
    },
    get look() {
      const { stdout } = process;
      return stdout.isTTY ? { width: stdout.columns, color: stdout.hasColors() } : { width: undefined, color: false };
    },
    async client() {
      const { createClient } = await import('@pawl/client');
      return createClient({ server: context.server, actor: context.actor });
    },
    answer: (answer, toText) => write(context.json ? JSON.stringify(answer, null, 2) : toText()),
    table(answer, columns, empty) {
      context.answer(answer, () => {
        if (answer.items.length === 0) return empty;
        const more = answer.next === undefined ? '' : `\nMore: --after ${answer.next}`;
        return toTable(answer.items, columns, context.look) + more;
      });
    },
  };
  return context;
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
