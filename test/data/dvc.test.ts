/** DVC itself, from PyPI, against a server as its remote; and what is copied between its repositories and datasets. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ensurePython } from '../../scripts/python.ts';
import type { Server } from '../cli/pawl.ts';
import { startServer } from '../cli/pawl.ts';

let server: Server;
let python: string;
const scratch = mkdtempSync(join(tmpdir(), 'pawl-dvc-'));
before(async () => {
  python = await ensurePython('data');
  server = await startServer();
});
after(async () => {
  await server.stop();
  rmSync(scratch, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly text: string;
}

const environment = {
  ...process.env,
  DVC_NO_ANALYTICS: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  HOME: scratch,
  DVC_SITE_CACHE_DIR: join(scratch, 'site'),
};

function run(cwd: string, program: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env: environment, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, text: stdout + stderr }),
    );
  });
}

async function dvc(repository: string, ...args: readonly string[]): Promise<string> {
  const { code, text } = await run(repository, python, '-m', 'dvc', ...args);
  assert.equal(code, 0, `dvc ${args.join(' ')}\n${text}`);
  return text;
}

let repositories = 0;

/** A repository that has the server's dataset as its remote. */
async function createRepository(dataset: string): Promise<string> {
  const folder = join(scratch, `repository-${repositories++}`);
  mkdirSync(folder);
  await run(folder, 'git', 'init', '-q');
  await dvc(folder, 'init', '-q');
  await dvc(folder, 'remote', 'add', '-d', 'pawl', `${server.url}/dvc/${dataset}`);
  return folder;
}

function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

const odd = {
  'a b/ü#?.txt': 'x',
  empty: '',
  'one.txt': 'hello',
  'sub/two.txt': 'world',
  '日本/😀.bin': Buffer.from([0, 1, 2, 255]),
  'it\'s "quoted".csv': 'a,b\n1,2\n',
} as const;

const md5Of = (repository: string, file: string): string =>
  /md5: '?([0-9a-f]{32}(?:\.dir)?)/.exec(readFileSync(join(repository, file), 'utf8'))?.[1] ?? '';

test('push, status, fetch and pull: a directory with odd names, and a file', async () => {
  const first = await createRepository('odd');
  writeFiles(first, Object.fromEntries(Object.entries(odd).map(([path, content]) => [`data/${path}`, content])));
  writeFiles(first, { 'model.bin': Buffer.alloc(300_000, 9) });
  await dvc(first, 'add', 'data', 'model.bin');
  await dvc(first, 'push');
  assert.match(await dvc(first, 'status', '-c'), /in sync/);
  assert.match(await dvc(first, 'push'), /up to date/);

  const second = await createRepository('odd');
  for (const name of ['data.dvc', 'model.bin.dvc']) writeFileSync(join(second, name), readFileSync(join(first, name)));
  await dvc(second, 'pull');
  for (const [path, content] of Object.entries(odd)) assert.deepEqual(readFileSync(join(second, 'data', path)), Buffer.from(content));
  assert.equal(statSync(join(second, 'model.bin')).size, 300_000);
  assert.match(await dvc(second, 'status'), /up to date/);

  // The directory has become a version by itself.
  const version = await server.json('data', 'show', 'odd');
  assert.equal(version.files, Object.keys(odd).length);
  assert.match(version.message, new RegExp(md5Of(first, 'data.dvc')));
});

test('a version is exported as DVC would have added it, and imported again as the same version', async () => {
  const folder = join(scratch, 'plain');
  writeFiles(folder, odd);
  await server.run('data', 'add', 'plain', folder);
  const repository = await createRepository('plain');
  const target = join(repository, 'data');
  await server.run('data', 'export-dvc', 'plain', target);
  const exported = readFileSync(`${target}.dvc`, 'utf8');
  await dvc(repository, 'checkout');
  assert.match(await dvc(repository, 'status'), /up to date/);
  for (const [path, content] of Object.entries(odd)) assert.deepEqual(readFileSync(join(target, path)), Buffer.from(content));

  // DVC adds the same files: it finds the identical hash, and leaves its file as it is.
  await dvc(repository, 'add', 'data');
  assert.equal(md5Of(repository, 'data.dvc'), /md5: (\S+)/.exec(exported)?.[1]);
  assert.deepEqual(
    readFileSync(join(repository, '.gitignore'), 'utf8')
      .split('\n')
      .filter((line) => line === '/data'),
    ['/data'],
  );

  const again = await server.json('data', 'import-dvc', repository, '--dataset', 'plain');
  assert.deepEqual([again.imported[0].created, again.imported[0].ref], [false, 'plain:1']);
});

test('what a repository tracks is imported from its cache, and its server pulls it', async () => {
  const repository = await createRepository('ignored');
  writeFiles(repository, { 'raw/a.csv': 'x,y\n1,2\n3,4\n', 'raw/b.csv': 'x,y\n5,6\n', 'labels.json': '{"a": 1}' });
  await dvc(repository, 'add', 'raw', 'labels.json');
  const planned = await server.json('data', 'import-dvc', repository, '--dry-run');
  assert.deepEqual(
    planned.outputs.map((one: { dataset: string; cached: boolean }) => [one.dataset, one.cached]),
    [
      ['labels', true],
      ['raw', true],
    ],
  );
  const { imported } = await server.json('data', 'import-dvc', repository);
  assert.deepEqual(
    imported.map((one: { ref: string; files: number }) => [one.ref, one.files]),
    [
      ['labels:1', 1],
      ['raw:1', 2],
    ],
  );
  const checkedOut = join(scratch, 'raw-again');
  await server.run('data', 'checkout', 'raw:1', checkedOut);
  assert.equal(readFileSync(join(checkedOut, 'b.csv'), 'utf8'), 'x,y\n5,6\n');
  // Sent once: nothing is sent again.
  const second = await server.json('data', 'import-dvc', repository, 'raw');
  assert.deepEqual([second.imported[0].created, second.imported[0].sent], [false, 1]);

  const damaged = join(repository, '.dvc/cache/files/md5', md5Of(repository, 'labels.json.dvc').replace(/^(..)/, '$1/'));
  chmodSync(damaged, 0o644);
  writeFileSync(damaged, '{"a": 2}');
  assert.match(await server.refuse(1, 'data', 'import-dvc', repository, 'labels.json', '--dataset', 'fresh'), /has the MD5/);
  rmSync(damaged);
  assert.match(
    await server.refuse(1, 'data', 'import-dvc', repository, 'labels.json', '--dataset', 'fresh'),
    /not in the cache; run "dvc fetch"/,
  );
});

async function put(path: string, body: string | Uint8Array): Promise<{ status: number; error: string }> {
  const response = await fetch(`${server.url}/dvc/wire/${path}`, { method: 'POST', body });
  const { error = '' } = (await response.json()) as { error?: string };
  return { status: response.status, error };
}

const hello = '5d41402abc4b2a76b9719d911017c592';
const placeOf = (md5: string): string => `files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;

test('the wire: verified, ranges, existence, and nothing but objects', async () => {
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${server.url}/dvc/wire/${path}`, { method, headers });
  assert.equal((await get(placeOf(hello))).status, 404);
  const wrong = await put(placeOf(hello), 'hullo');
  assert.equal(wrong.status, 422);
  assert.match(wrong.error, /damaged on its way/);
  assert.equal((await get(placeOf(hello))).status, 404);
  assert.equal((await put(placeOf(hello), 'hello')).status, 200);
  assert.equal((await put(placeOf(hello), 'hello')).status, 200);
  assert.equal(await (await get(placeOf(hello))).text(), 'hello');
  const head = await get(placeOf(hello), {}, 'HEAD');
  assert.deepEqual([head.status, head.headers.get('content-length'), head.headers.get('content-encoding')], [200, '5', null]);
  const part = await get(placeOf(hello), { range: 'bytes=1-3' });
  assert.deepEqual([part.status, part.headers.get('content-range'), await part.text()], [206, 'bytes 1-3/5', 'ell']);
  assert.equal((await get(placeOf(hello), { range: 'bytes=9-' })).status, 416);
  for (const path of ['files/md5', '', 'files/md5/5d', placeOf('..%2f..%2fetc'), `files/md5/5D/${hello.slice(2).toUpperCase()}`])
    assert.equal((await get(path)).status, 404, path);
  // Another dataset's objects are its own.
  assert.equal((await fetch(`${server.url}/dvc/other/${placeOf(hello)}`)).status, 404);
});

test('a directory comes after its files, stays in its folder, and legacy names are those of Unix lines', async () => {
  const digest = async (text: string): Promise<string> => (await import('node:crypto')).createHash('md5').update(text).digest('hex');
  const list = `[{"md5": "${'0'.repeat(32)}", "relpath": "a"}]`;
  const missing = await put(`${placeOf(await digest(list))}.dir`, list);
  assert.equal(missing.status, 422);
  assert.match(missing.error, /1 of the files/);
  const climbing = `[{"md5": "${hello}", "relpath": "../a"}]`;
  assert.equal((await put(`${placeOf(await digest(climbing))}.dir`, climbing)).status, 422);
  assert.equal((await put(placeOf(await digest('')), '')).status, 200);
  const empty = `[{"md5": "${await digest('')}", "relpath": "empty"}]`;
  assert.equal((await put(`${placeOf(await digest(empty))}.dir`, empty)).status, 200);
  const legacy = 'dd8c6a395b5dd36c56d23275028f526c';
  assert.equal((await put(`${legacy.slice(0, 2)}/${legacy.slice(2)}`, 'a\r\nb\r\n')).status, 200);
  assert.equal(await (await fetch(`${server.url}/dvc/wire/${legacy.slice(0, 2)}/${legacy.slice(2)}`)).text(), 'a\r\nb\r\n');
});

/** Two contents with one MD5 (Wang and Yu, "How to Break MD5 and Other Hash Functions", EUROCRYPT 2005). */
function collidingPair(): readonly [Buffer, Buffer] {
  const one =
    'd131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f8955ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b' +
    'd8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70';
  const other = Buffer.from(one, 'hex');
  for (const at of [19, 45, 59, 83, 109, 123]) other[at] = (other[at] as number) ^ 0x80;
  return [Buffer.from(one, 'hex'), other];
}

test('two contents with one MD5: the second is refused, told of, and never served for the first', async () => {
  const md5 = '79054025255fb1a26e4bc422aef54eb4';
  const [one, other] = collidingPair();
  assert.equal((await put(placeOf(md5), one)).status, 200);
  const refused = await put(placeOf(md5), other);
  assert.equal(refused.status, 409);
  assert.match(refused.error, /two contents share this MD5/);
  assert.deepEqual(Buffer.from(await (await fetch(`${server.url}/dvc/wire/${placeOf(md5)}`)).arrayBuffer()), one);

  // Nor does a version that holds the second get to DVC under that name.
  const folder = join(scratch, 'colliding');
  writeFiles(folder, { 'other.bin': other });
  await server.run('data', 'add', 'wire', folder);
  const repository = await createRepository('wire');
  assert.match(await server.refuse(1, 'data', 'export-dvc', 'wire', join(repository, 'data')), /two contents share this MD5/);
  const events = (await server.json('events', '--limit', '1000')).items as readonly { type: string; data: { md5: string } }[];
  assert.deepEqual(
    events.filter(({ type }) => type === 'dataset.md5_collision').map(({ data }) => data.md5),
    [md5, md5],
  );
});

test('a push that breaks off leaves nothing behind', async () => {
  const { hostname, port } = new URL(server.url);
  const path = placeOf('a'.repeat(32));
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST /dvc/wire/${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n`);
      socket.write(Buffer.alloc(500_000, 1), () => setTimeout(() => socket.destroy(), 50));
    });
    socket.on('error', reject).on('close', () => resolve());
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal((await fetch(`${server.url}/dvc/wire/${path}`)).status, 404);
  const incoming = join(server.home, 'blobs/incoming');
  assert.deepEqual(existsSync(incoming) ? readdirSync(incoming) : [], []);
});

test('10,000 small files, pushed by a DVC that was killed on the way and then again, and one file of 1 GB', async () => {
  const repository = await createRepository('many');
  const files = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`many/${index % 100}/${index}.txt`, index % 1000 === 0 ? '' : `${index}`]),
  );
  writeFiles(repository, files);
  const large = join(repository, 'large.bin');
  writeFileSync(large, 'pawl');
  truncateSync(large, 1_000_000_000);
  // Links instead of copies: the disk of a build has better to do.
  await dvc(repository, 'config', 'cache.type', 'hardlink');
  await dvc(repository, 'add', '-q', 'many', 'large.bin');
  const killed = spawn(python, ['-m', 'dvc', 'push', '-q'], { cwd: repository, env: environment, stdio: 'ignore' });
  const gone = new Promise((resolve) => killed.once('exit', resolve));
  const md5 = md5Of(repository, 'many.dvc');
  const place = `${server.url}/dvc/many/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;
  setTimeout(() => killed.kill('SIGKILL'), 4000);
  await gone;
  assert.equal((await fetch(place)).status, 404);
  // What DVC itself remembers of a push does not survive its death: it would leave out files that it only meant to send.
  rmSync(join(scratch, 'site'), { recursive: true, force: true });
  rmSync(join(repository, '.dvc/tmp'), { recursive: true, force: true });
  await dvc(repository, 'push', '-q');
  assert.match(await dvc(repository, 'status', '-c'), /in sync/);
  const [version] = (await server.json('data', 'log', 'many')).items.filter((one: { files: number }) => one.files > 1);
  assert.equal(version.files, 10_000);
  const target = join(scratch, 'many-out');
  await server.run('data', 'checkout', version.ref, target);
  for (const [path, content] of Object.entries(files)) assert.equal(readFileSync(join(target, path.slice(5)), 'utf8'), content);
  const big = md5Of(repository, 'large.bin.dvc');
  const head = await fetch(`${server.url}/dvc/many/files/md5/${big.slice(0, 2)}/${big.slice(2)}`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, '1000000000']);
});
