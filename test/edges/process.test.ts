import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProcessExecutor, createSystemClock, createWebhookNotifier } from '@pawl/drivers';
import { testCalls, testWarm } from '../../packages/drivers/conformance/executor-calls.ts';
import { isAlive, testExecutor } from '../../packages/drivers/conformance/executor.ts';
import { testNotifier } from '../../packages/drivers/conformance/notifier.ts';

const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;

const options = { clock: createSystemClock(), basics: { PATH: path } };
const cold = createProcessExecutor(options);
const warm = createProcessExecutor({ ...options, warm: true });
testExecutor('process', cold);
testCalls('process', cold);
testCalls('warm process', warm);
testWarm(warm);
testNotifier('webhook', createWebhookNotifier({ timeoutMs: 500 }));

const parent = `
  import { createProcessExecutor, createSystemClock } from '@pawl/drivers';
  const executor = createProcessExecutor({ clock: createSystemClock(), basics: { PATH: process.argv[1] } });
  const spec = { command: 'trap "" TERM; sleep 300 & echo $! $$; wait', cwd: '.', env: {}, timeoutMs: 300_000 };
  await executor.start(spec, (line) => { console.log(line.text); setTimeout(() => process.exit(0), 50); });
`;

test('commands die with the process that runs them when it exits', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', parent, path], {
    cwd: join(import.meta.dirname, '..', '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const pids = said.toString().trim().split(' ').map(Number);
  assert.equal(pids.length, 2);
  await once(child, 'exit');
  for (let tries = 0; tries < 100 && pids.some(isAlive); tries += 1) await sleep(20);
  assert.deepEqual(pids.filter(isAlive), []);
});
