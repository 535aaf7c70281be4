import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One tool at work in a folder of its own. Each step gives the seconds it took, as its user waits for it. */
export interface Tool {
  readonly name: string;
  readonly folder: string;
  add(path: string, link?: 'hardlink'): Promise<number>;
  status(path: string): Promise<number>;
  /** Puts back what was removed, from what is kept on this machine. */
  checkout(path: string): Promise<number>;
  push(path: string): Promise<number>;
  /** Puts back what was removed when nothing of it is kept on this machine. */
  pull(path: string): Promise<number>;
}

const pawlBin = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');

function timed(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve((performance.now() - began) / 1000);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said}`));
    });
  });
}

function quietly(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
}

export async function startPawl(folder: string): Promise<Tool & { stop(): Promise<void> }> {
  mkdirSync(folder, { recursive: true });
  const start = async (home: string) => {
    const child = spawn(process.execPath, [pawlBin, 'server', '--port', '0', '--home', join(folder, home), '--log-level', 'error'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /Pawl is ready at (\S+)/.exec(line)?.[1];
      if (url !== undefined) return { child, url };
    }
    throw new Error('the server did not start');
  };
  const [local, remote] = [await start('home'), await start('remote')];
  const run = (server: string, ...args: readonly string[]): Promise<number> =>
    timed(process.execPath, [pawlBin, 'data', ...args], folder, { PAWL_SERVER: server, PAWL_CACHE: join(folder, 'cache') });
  return {
    name: 'pawl',
    folder,
    add: (path, link) => run(local.url, 'add', path.replace('.', '-'), path, ...(link === undefined ? [] : ['--link', link])),
    status: (path) => run(local.url, 'status', path),
    checkout: (path) => run(local.url, 'checkout', path, path),
    push: (path) => run(remote.url, 'add', path, path, '--via', 'http'),
    pull: (path) => run(remote.url, 'checkout', path, path, '--via', 'http'),
    async stop() {
      for (const { child } of [local, remote]) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await gone;
      }
    },
  };
}

/** DVC in a git repository, with a folder as its remote. */
export async function createDvc(folder: string, python: string): Promise<Tool> {
  mkdirSync(folder, { recursive: true });
  const dvc = (...args: readonly string[]): Promise<number> => timed(python, ['-m', 'dvc', ...args], folder, { DVC_NO_ANALYTICS: '1' });
  quietly('git', ['init', '-q'], folder);
  await dvc('init', '-q');
  await dvc('remote', 'add', '-d', 'store', join(folder, '..', 'dvc-remote'));
  const { stdout } = spawnSync(python, ['-m', 'dvc', '--version'], { encoding: 'utf8' });
  return {
    name: `dvc ${stdout.trim()}`,
    folder,
    async add(path, link) {
      if (link !== undefined) await dvc('config', 'cache.type', link);
      return dvc('add', '-q', path);
    },
    status: (path) => dvc('status', `${path}.dvc`),
    checkout: (path) => dvc('checkout', '-q', `${path}.dvc`),
    push: (path) => dvc('push', '-q', `${path}.dvc`),
    async pull(path) {
      rmSync(join(folder, '.dvc', 'cache'), { recursive: true, force: true });
      return dvc('pull', '-q', `${path}.dvc`);
    },
  };
}

/** git-lfs, which knows no add but git's; undefined when it is not there and cannot be installed. */
export async function createLfs(folder: string): Promise<Tool | undefined> {
  if (spawnSync('git', ['lfs', 'version']).status !== 0)
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'git-lfs']);
  const version = spawnSync('git', ['lfs', 'version'], { encoding: 'utf8' });
  if (version.status !== 0) return undefined;
  mkdirSync(folder, { recursive: true });
  const git = (...args: readonly string[]): Promise<number> => timed('git', args, folder);
  quietly('git', ['init', '-q'], folder);
  quietly('git', ['config', 'user.email', 'bench@example.org'], folder);
  quietly('git', ['config', 'user.name', 'bench'], folder);
  quietly('git', ['lfs', 'install', '--local'], folder);
  quietly('git', ['lfs', 'track', '*.png'], folder);
  const refuse = (): Promise<number> => Promise.reject(new Error('not measured'));
  return {
    name: `git-lfs ${/git-lfs\/([0-9.]+)/.exec(version.stdout)?.[1] ?? ''}`.trim(),
    folder,
    async add(path) {
      const took = await git('add', '.gitattributes', path);
      quietly('git', ['commit', '-qm', 'data'], folder);
      return took;
    },
    status: () => git('status'),
    checkout: (path) => git('checkout', '--', path),
    push: refuse,
    pull: refuse,
  };
}
