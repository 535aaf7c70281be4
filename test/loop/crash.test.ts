import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom } from '@pawl/drivers';
import { createRolloutController } from '@pawl/engine';
import { settle, testOnEach } from './rig.ts';
import { guard, serve, spec } from './traffic.ts';

const KILLS = 4;

testOnEach('a controller killed at any moment, again and again, counts each unit exactly once', async (rig) => {
  for (const x of [1, 2]) await rig.register({ x }, 0);
  // Never decides: all that was served must be found counted.
  const wanted = spec({
    steps: [{ weight: 0.5, minRequests: 1e6, minMs: 0, require: 'fine' }],
    guards: [guard('failures'), guard('slow'), guard('wrong')],
    maxStepMs: 1e15,
  });
  await rig.database.transaction((tx) => rig.rollouts.define(tx, wanted));
  for (const candidate of [1, 2]) await rig.rollouts.start({ id: `r${candidate}`, endpoint: 'spam', candidate, actor: 'user:ann' });
  const rollout = await rig.rollouts.get('r2');
  const random = createSeededRandom(`kill ${rig.target.slice(0, 8)}`);
  const script = join(import.meta.dirname, 'controller-child.ts');
  let served = 0;
  let failed = 0;
  let labelled = 0;
  let looks = 0;
  let midway = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [script, rig.target, join(rig.home, 'blobs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    child.stdout.on('data', (dots: Buffer) => (looks += dots.length));
    const started = looks;
    while (looks === started) await sleep(5);
    // Work for several batches, then the end somewhere in the middle of it.
    const { records, labels } = serve(random, rollout, 1800, { stable: 0.02, candidate: 0.02 });
    await rig.predict(records);
    await rig.label(labels);
    served += records.length;
    failed += records.filter((one) => one.code !== 'ok').length;
    labelled += labels.length;
    await sleep(random.next() * 120);
    child.kill('SIGKILL');
    await ended;
    const [failures] = (await rig.rollouts.get('r2')).evidence;
    if (failures !== undefined && failures.stable.requests + failures.candidate.requests < served) midway++;
  }
  await settle(createRolloutController({ ...rig.ports, models: rig.models }));
  const sums = (await rig.rollouts.get('r2')).evidence.map(({ metric, stable, candidate }) => [
    metric,
    stable.requests + candidate.requests,
  ]);
  assert.deepEqual(Object.fromEntries(sums), { failures: served, slow: served - failed, wrong: labelled });
  assert.ok(midway > 0, 'no kill fell into the work: the test proves nothing');
});
