import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Variables of a process, such as `process.env`. This file imports next to nothing, so that a command starts fast. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The server that commands talk to: the flag, else PAWL_SERVER, else the default address. */
export function serverAddress(flag: string | undefined, environment: Environment = process.env): string {
  return (flag ?? given(environment, 'PAWL_SERVER') ?? 'http://127.0.0.1:5055').replace(/\/+$/, '');
}

/** Who is acting, for the record of what a command changes. */
export function actorName(environment: Environment = process.env): string {
  const name = given(environment, 'PAWL_USER') ?? given(environment, 'USER') ?? given(environment, 'LOGNAME') ?? accountName();
  return `user:${name.replace(/[^A-Za-z0-9._@-]/g, '_').slice(0, 64)}`;
}

/** Where a command keeps what it can find out again, such as the digests of unchanged files. */
export function cacheFolder(environment: Environment = process.env): string {
  return given(environment, 'PAWL_CACHE') ?? join(given(environment, 'XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'pawl');
}

/** The pipeline step that a command runs in; undefined outside of one. */
export function stepContext(environment: Environment = process.env): { readonly run: string; readonly task: string } | undefined {
  const run = given(environment, 'PAWL_RUN_ID');
  const task = given(environment, 'PAWL_TASK_ID');
  return run === undefined || task === undefined ? undefined : { run, task };
}

/** The run that a command or script belongs to: that of the step, or of the command that `pawl run exec` runs. */
export function currentRun(environment: Environment = process.env): string | undefined {
  return given(environment, 'PAWL_RUN_ID');
}

/** Type of this machine in the price table. */
export function machineType(environment: Environment = process.env): string | undefined {
  return given(environment, 'PAWL_MACHINE');
}

/** One that a command line names, because what it holds may not stand there. */
export function variable(name: string, environment: Environment = process.env): string | undefined {
  return given(environment, name);
}

/** The value of a secret for pipeline steps that the environment of the server holds. */
export function stepSecret(name: string, environment: Environment = process.env): string | undefined {
  return given(environment, `PAWL_STEP_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`);
}

/** All of it, for a command that runs in the place of one typed by hand. */
export function wholeEnvironment(): Environment {
  return { ...process.env };
}

/** An empty variable says nothing, as everywhere in shells. */
function given(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === '' ? undefined : value;
}

/** An account may have no name at all, as in containers that run under a number. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
