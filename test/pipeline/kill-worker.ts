// A worker as a process of its own, to be killed: `node kill-worker.ts HOME WORKER LEASE_MS`. It works until it gets SIGTERM.
import { setTimeout as sleep } from 'node:timers/promises';
import { openRig } from './rig.ts';

const [home, worker = 'w1', leaseMs = '30000'] = process.argv.slice(2);
const rig = await openRig(home);
const loop = rig.worker({ worker, leaseMs: Number(leaseMs) });
const reaper = rig.reaper(Number(leaseMs));
let stopping = false;
process.once('SIGTERM', () => (stopping = true));
console.log('ready');
while (!stopping) {
  await loop.tick();
  await reaper.tick();
  await sleep(5);
}
await loop.close(1000);
await rig.close();
