import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { createContext } from './context.ts';
import type { Context } from './context.ts';
import { toExit } from './exit.ts';
import { nouns } from './nouns.ts';

/** Runs one command line and sets the exit code. Never throws: an error is one line on standard error. */
export async function run(args: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const program = createProgram();
  // `pawl help data add` is `pawl data add --help`, so that help too loads only what it shows.
  const line = args[0] === 'help' ? [...args.slice(1), '--help'] : args;
  try {
    await program.parseAsync(line, { from: 'user' });
  } catch (error) {
    const { code, message } = error instanceof CommanderError ? toUsage(error) : toExit(error);
    if (message !== undefined) process.stderr.write(`${message}\n`);
    process.exitCode = code;
  }
}

function createProgram(): Command {
  const program = new Command('pawl')
    .description('The whole life of a machine-learning model in production, as one loop.')
    .helpCommand(false)
    .option('--server <url>', 'server to talk to (default: PAWL_SERVER, else http://127.0.0.1:5055)')
    .option('--json', "print the server's answer as JSON")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  program.version(readVersion(), '-V, --version');
  const context: Context = createContext(() => program.opts());
  for (const noun of nouns) program.command(noun.name).description(noun.summary);
  program.hook('preSubcommand', async (_, command) => {
    const noun = nouns.find((one) => one.name === command.name());
    if (noun !== undefined) (await noun.load())(command, context);
  });
  return program;
}

/** commander has told what was wrong already; help and version are no errors. */
function toUsage(error: CommanderError): { readonly code: number; readonly message: undefined } {
  return { code: error.exitCode === 0 ? 0 : 2, message: undefined };
}

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
