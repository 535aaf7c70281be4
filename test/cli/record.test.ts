/** Commands recorded by `pawl run exec`: real Python and Node children, killed children, killed recorders, servers that go away and come back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { folderOf, serve, until } from '../server/process.ts';
import { pawl, start, startServer } from './pawl.ts';
import type { Ended, Server, Started } from './pawl.ts';

let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const id = /[0-9a-f]{32}/;

interface Folder {
  readonly path: string;
  exec(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  begin(args: readonly string[], env?: Readonly<Record<string, string>>): Started;
}

/** A folder to run commands in; its own home, so that nothing is left in the user's. */
function folder(context: TestContext, files: Readonly<Record<string, string>>, url = server.url): Folder {
  const path = folderOf(context);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  const options = (env: Readonly<Record<string, string>>) => ({ cwd: path, env: { PAWL_SERVER: url, HOME: path, ...env } });
  return {
    path,
    exec: (args, env = {}) => pawl(['run', 'exec', ...args], options(env)),
    begin: (args, env = {}) => start(['run', 'exec', ...args], options(env)),
  };
}

/** Resolves when a started command has written something; gives what matched. */
function said({ child }: Started, pattern: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    child.stdout?.on('data', (piece: string) => {
      text += piece;
      const found = pattern.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
  });
}

/** An address where nobody listens: it was free a moment ago. */
async function freeAddress(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function show(run: string, at: Pick<Server, 'json'> = server) {
  return at.json('run', 'show', run);
}

async function logOf(run: string, url = server.url): Promise<readonly string[]> {
  const { stdout } = await pawl(['run', 'logs', run], { env: { PAWL_SERVER: url } });
  return stdout.split('\n').slice(0, -1);
}

test('a Python command runs as without, and leaves a whole record', async (t) => {
  const python = `
import os, sys
print(os.environ["PAWL_RUN_ID"])
print("the token is", os.environ["HUB_TOKEN"], os.environ["PAWL_PARAM_LR"], os.environ["PAWL_INPUT_TRAINING_REF"], sys.argv[1:])
print("careful", file=sys.stderr)
x = bytearray(60_000_000)
while os.times().user < 0.7: sum(range(10000))
sys.exit(3)
`;
  const at = folder(t, { 'train.py': 'print(1)', 'requirements.txt': 'numpy==2.0\n', 'mail.csv': 'id,label\n1,a\n2,b\n' });
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: at.path, encoding: 'utf8' }).trim();
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'first');
  writeFileSync(join(at.path, 'train.py'), python);
  await server.run('data', 'add', 'mail', join(at.path, 'mail.csv'));

  const options = ['--experiment', 'rec', '--name', 'first', '-p', 'lr=0.1', '--dataset', 'training=mail', '--', 'python3', 'train.py'];
  // What NVIDIA's program says on a machine with a GPU: there is none where tests run.
  mkdirSync(join(at.path, 'bin'));
  writeFileSync(join(at.path, 'bin/nvidia-smi'), '#!/bin/sh\necho "0, NVIDIA L4, 30, 1000, 23034, 33.3, 72.00"\n', { mode: 0o755 });
  const env = { HUB_TOKEN: 'very-secret-7', PATH: `${join(at.path, 'bin')}:${process.env['PATH']}` };

  const ended = await at.exec([...options, '--deep', 'a b'], env);
  assert.equal(ended.code, 3);
  assert.equal(ended.stderr, 'careful\n');
  const run = id.exec(ended.stdout)?.[0] ?? '';
  assert.equal(ended.stdout, `${run}\nthe token is very-secret-7 0.1 mail:1 ['--deep', 'a b']\n`);

  const { run: one, record, inputs, metrics } = await show(run);
  assert.deepEqual([one.name, one.status, one.params, one.user], ['first', 'failed', { lr: '0.1' }, 'ann']);
  assert.equal(record.recording.command, "python3 train.py --deep 'a b'");
  assert.deepEqual([record.recording.state, record.recording.exit_code, record.recording.lines], ['ended', 3, 3]);
  assert.equal(one.code.commit, git('rev-parse', 'HEAD'));
  const patch = await (await fetch(`${server.url}/api/v1/blobs/${one.code.patch}`)).text();
  assert.match(patch, /^\+import os, sys$/m);
  assert.deepEqual(inputs, [{ ref: 'mail:1', role: 'training' }]);
  assert.deepEqual([record.data[0].ref, record.data[0].rows], ['mail:1', 2]);
  assert.match(record.data[0].manifest, /^sha256:[0-9a-f]{64}$/);

  const [use] = record.usage;
  assert.ok(use.wall_ms > 500, JSON.stringify(use));
  assert.ok(use.cpu_ms >= 300 && use.cpu_ms < 10_000, JSON.stringify(use));
  assert.ok(use.peak_memory_bytes > 60e6, JSON.stringify(use));
  assert.ok(use.gpu_ms > 500 && use.gpu_ms <= use.wall_ms, JSON.stringify(use));
  assert.equal(one.environment.gpu, 'NVIDIA L4');
  const names = new Set(metrics.map(({ key }: { key: string }) => key));
  assert.ok(names.has('system/process_cpu_seconds') && names.has('system/process_peak_memory_megabytes'));

  assert.deepEqual(new Set(await logOf(run)), new Set([run, "the token is *** 0.1 mail:1 ['--deep', 'a b']", 'careful']));
  assert.match(one.environment.python, /^3\.\d+\.\d+/);
  const files = (await (await fetch(`${server.url}/api/v1/runs/${run}/artifacts`)).json()) as {
    items: { path: string; digest: string }[];
  };
  assert.deepEqual(
    files.items.map(({ path }) => path),
    ['environment/lock.json', 'environment/machine.json', 'environment/requirements.txt'],
  );
  const lock = (await (await fetch(`${server.url}/api/v1/blobs/${one.environment.lock}`)).json()) as Record<string, unknown>;
  assert.deepEqual(Object.keys(lock), ['files', 'node', 'platform', 'python']);
  assert.equal(files.items[0]?.digest, one.environment.lock);

  assert.match(await server.run('data', 'show', 'mail'), new RegExp(`USED BY.*\nrun +${run} +training`));
  const page = await server.run('run', 'show', run);
  for (const part of [/^Status +failed, exit code 3$/m, /^training +mail:1 +sha256:/m, /^command +\d/m, /^Log +3 lines: pawl run logs/m])
    assert.match(page, part);
});

test('the log of a Node command is read while it runs; equal surroundings have one digest', async (t) => {
  const script = `import { existsSync } from 'node:fs';
console.log(process.env.MLFLOW_RUN_ID);
for (let n = 1; n <= 12; n += 1) console.log('tick ' + n);
const timer = setInterval(() => { if (existsSync('enough')) { clearInterval(timer); console.log('done'); } }, 50);`;
  const at = folder(t, { 'work.mjs': script, 'package-lock.json': '{}' });
  const first = at.begin(['--', 'node', 'work.mjs']);
  const run = await said(first, id);
  const lines: string[] = [];
  const follower = start(['run', 'logs', run, '--follow'], { env: { PAWL_SERVER: server.url } });
  follower.child.stdout?.on('data', (piece: string) => void lines.push(piece));
  // The command goes on until its lines were seen.
  await said(follower, /tick 12/);
  assert.equal(first.child.exitCode, null);
  writeFileSync(join(at.path, 'enough'), '');
  const second = await at.exec(['--', 'node', 'work.mjs']);
  assert.equal((await first.ended).code, 0);
  assert.equal((await follower.ended).code, 0);
  const expected = [run, ...Array.from({ length: 12 }, (_, at) => `tick ${at + 1}`), 'done'];
  assert.deepEqual(lines.join('').split('\n').slice(0, -1), expected);
  assert.deepEqual(await logOf(run), expected);

  assert.equal(await server.run('run', 'logs', run, '--tail', '2'), 'tick 12\ndone\n');
  assert.equal(await server.run('run', 'logs', run, '--grep', '[13]$'), 'tick 1\ntick 3\ntick 11\n');
  const [a, b] = [await show(run), await show(id.exec(second.stdout)?.[0] ?? '')];
  assert.equal(a.run.environment.lock, b.run.environment.lock);
  assert.match(a.run.environment.node, /^\d+\.\d+\.\d+/);
  assert.equal(a.run.status, 'finished');
  const lock = (await (await fetch(`${server.url}/api/v1/blobs/${a.run.environment.lock}`)).json()) as { files: object };
  assert.deepEqual(Object.keys(lock.files), ['package-lock.json']);
});

test('signals reach the command, and its end is told as it was', async (t) => {
  const at = folder(t, {
    'polite.py': `
import os, signal, sys, time
def stop(*_):
    print("putting things away"); sys.exit(7)
signal.signal(signal.SIGTERM, stop)
print(os.environ["PAWL_RUN_ID"])
print("ready")
time.sleep(30)
`,
    'rude.sh': 'echo $PAWL_RUN_ID; kill -9 $$',
  });
  const polite = at.begin(['--', 'python3', 'polite.py']);
  // Python writes a line and its end apart: the second line proves that the first is whole.
  const run = id.exec(await said(polite, /[0-9a-f]{32}\nready\n/))?.[0] ?? '';
  polite.child.kill('SIGTERM');
  assert.equal((await polite.ended).code, 7);
  const { run: one, record } = await show(run);
  assert.deepEqual([one.status, record.recording.exit_code], ['killed', 7]);
  assert.deepEqual(await logOf(run), [run, 'ready', 'putting things away']);

  const rude = await at.exec(['--', 'sh', 'rude.sh']);
  assert.equal(rude.code, 137);
  const killed = await show(id.exec(rude.stdout)?.[0] ?? '');
  assert.deepEqual([killed.run.status, killed.record.recording.signal], ['killed', 'SIGKILL']);
});

test('a run whose recorder was killed is told to be killed, with what was heard of it', async (t) => {
  const at = folder(t, { 'long.sh': 'echo $PAWL_RUN_ID; echo working; sleep 6' });
  const lost = at.begin(['--lease', '1', '--', 'sh', 'long.sh']);
  const run = await said(lost, id);
  await until(async () => ((await logOf(run)).includes('working') ? true : undefined));
  lost.child.kill('SIGKILL');
  await until(async () => ((await show(run)).run.status === 'killed' ? true : undefined));
  const { record } = await show(run);
  assert.equal(record.recording.state, 'lost');
  assert.match(await server.run('run', 'show', run), /^Status +killed: nothing was heard of its command after /m);
  assert.deepEqual(await logOf(run), [run, 'working']);
});

test('a server that is killed and comes back has all of it, once', async (t) => {
  const home = join(folderOf(t), 'home');
  const prices = join(folderOf(t), 'prices.yaml');
  writeFileSync(prices, 'currency: EUR\nstandard: { hour: 3.6 }\n');
  const first = await serve(t, home, '--prices', prices);
  const at = folder(
    t,
    { 'count.py': 'import os, time\nprint(os.environ["PAWL_RUN_ID"])\nfor n in range(45): print("line", n); time.sleep(0.05)\n' },
    first.url,
  );
  const child = at.begin(['--', 'python3', 'count.py']);
  const run = await said(child, id);
  await said(child, /line 20/);
  first.signal('SIGKILL');
  await first.ended;
  await said(child, /line 35/);
  const second = await serve(t, home, '--port', new URL(first.url).port, '--prices', prices);
  const { code, stderr } = await child.ended;
  assert.equal(code, 0);
  assert.match(stderr, /^pawl: No Pawl server answers at [^\n]*the command goes on[^\n]*\npawl: the server is back[^\n]*\n$/);
  assert.deepEqual(await logOf(run, second.url), [run, ...Array.from({ length: 45 }, (_, n) => `line ${n}`)]);
  const { run: one, record } = await show(run, second);
  assert.deepEqual([one.status, record.recording.state, record.recording.lines], ['finished', 'ended', 46]);
  const { amount, currency } = record.cost;
  assert.equal(currency, 'EUR');
  assert.ok(Math.abs(amount - record.usage[0].wall_ms / 1e6) < 1e-9, `${amount}`);
  const listed = await second.pawl('run', 'list', '--column', 'cost', '--order', 'cost DESC');
  assert.match(listed.stdout, /^RUN .* COST\n[^\n]* 0\.00\d+\n$/);
});

test('without a server a command runs all the same, and its record is sent later, once', async (t) => {
  const address = await freeAddress();
  const at = folder(t, { 'w.sh': 'echo $PAWL_RUN_ID; echo out; exit 4' }, address);
  const ended = await at.exec(['--wait', '1', '--experiment', 'later', '--', 'sh', 'w.sh']);
  assert.equal(ended.code, 4);
  assert.match(
    ended.stderr,
    /^pawl: the server did not come back; the record of run [0-9a-f]{32} waits in \S+; "pawl run send" sends it$/m,
  );
  const run = id.exec(ended.stdout)?.[0] ?? '';
  assert.deepEqual(readdirSync(join(at.path, '.pawl', 'unsent')), [`${run}.json`]);
  const back = await serve(t, join(at.path, 'server'), '--port', new URL(address).port);
  const send = () => pawl(['run', 'send'], { env: { PAWL_SERVER: back.url, HOME: at.path } });
  assert.equal((await send()).stdout, `Sent run ${run}\n`);
  assert.equal((await send()).stdout, 'Nothing waits to be sent.\n');
  assert.deepEqual(await logOf(run, back.url), [run, 'out']);
  const { run: one, record } = await show(run, back);
  assert.deepEqual([one.status, record.recording.exit_code], ['failed', 4]);
});

test('what cannot run is told in a line', async (t) => {
  const at = folder(t, {});
  mkdirSync(join(at.path, 'ran'));
  const unknown = await at.exec(['--dataset', 'nothing:3', '--', 'rmdir', 'ran']);
  assert.deepEqual([unknown.code, unknown.stdout], [1, '']);
  assert.match(unknown.stderr, /^Error: There is no dataset "nothing"[^\n]*\n$/);
  assert.deepEqual(readdirSync(at.path), ['ran'], 'it was not started');
  const missing = await at.exec(['--', './no-such-program']);
  assert.deepEqual([missing.code, missing.stderr], [127, 'pawl: cannot run ./no-such-program: it was not found\n']);
  assert.equal((await at.exec(['--', 'ls', '--no-such-option'])).code, 2);
  assert.match((await at.exec([])).stderr, /missing required argument 'command'/);
});
