// How the background loops of a process are run: what pauses them, what wakes them, and what is told of their failures.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventType } from '@pawl/core';
import type { Loop } from '@pawl/engine';
import { createLoopRunner } from '../../packages/app/src/loops.ts';
import { testOnEach } from './rig.ts';
import type { Rig } from './rig.ts';

/** A loop that fails until told otherwise, and the times at which it looked. */
function failing(name: string) {
  const looks: number[] = [];
  const state = { broken: true };
  const loop: Loop = {
    name,
    async tick() {
      looks.push(performance.now());
      if (state.broken) throw new Error('no');
      return false;
    },
  };
  return { loop, looks, state };
}

const append = (rig: Rig, type: EventType): Promise<void> =>
  rig.database.transaction((tx) => tx.events.append([{ id: rig.ids.next(), type, subject: 'it/1', time: 1, actor: 'user:ann', data: {} }]));

async function until(met: () => boolean): Promise<void> {
  while (!met()) await sleep(2);
}

testOnEach('a loop that fails pauses twice as long each time, is told ever more rarely, and its recovery once', async (rig) => {
  const { loop, looks, state } = failing('broken');
  const runner = createLoopRunner({ ...rig.ports, pollMs: 5 }, [loop]);
  runner.start();
  try {
    await until(() => looks.length === 7);
    // 5, 10, 20, … ms: each pause at least as long as it should be, whatever else the machine does.
    for (let look = 1; look < 7; look++) assert.ok((looks[look] ?? 0) - (looks[look - 1] ?? 0) >= 5 * 2 ** (look - 1) - 2, `pause ${look}`);
    const told = rig.logLines.filter((line) => line.startsWith('error: a background loop failed and will try again'));
    assert.equal(told.length, 3, 'the first, second and fourth time');
    state.broken = false;
    await until(() => rig.logLines.some((line) => line.startsWith('info: a background loop goes well again')));
    const well = looks.length;
    await until(() => looks.length > well + 3);
    assert.equal(rig.logLines.filter((line) => line.startsWith('info')).length, 1);
  } finally {
    await runner.stop();
  }
});

testOnEach('events wake only what waits for their type, and those of tracked runs none that does not name them', async (rig) => {
  const [any, gates, runs] = [failing('any'), failing('gates'), failing('runs')];
  for (const { state } of [any, gates, runs]) state.broken = false;
  const loops: readonly Loop[] = [
    any.loop,
    { ...gates.loop, wakes: new Set(['gate.decided']) },
    { ...runs.loop, wakes: new Set(['run.created']) },
  ];
  const runner = createLoopRunner({ ...rig.ports, pollMs: 60_000 }, loops);
  const looks = (): readonly number[] => [any, gates, runs].map((each) => each.looks.length);
  runner.start();
  try {
    // PostgreSQL wakes all once it listens.
    await until(() => looks().every((count) => count > 0));
    await sleep(200);
    const [before = 0, gatesBefore = 0, runsBefore = 0] = looks();
    await append(rig, 'run.created');
    await until(() => runs.looks.length > runsBefore);
    await append(rig, 'gate.decided');
    await until(() => gates.looks.length > gatesBefore && any.looks.length > before);
    await sleep(100);
    const [still = 0, gatesStill = 0] = looks();
    await append(rig, 'run.ended');
    await sleep(150);
    assert.deepEqual(looks().slice(0, 2), [still, gatesStill]);
  } finally {
    await runner.stop();
  }
});

testOnEach('events wake what goes well and not what fails; settling looks at both', async (rig) => {
  const broken = failing('broken');
  const well = failing('well');
  well.state.broken = false;
  const runner = createLoopRunner({ ...rig.ports, pollMs: 60_000 }, [broken.loop, well.loop]);
  runner.start();
  try {
    await until(() => broken.looks.length === 1 && well.looks.length === 1);
    await sleep(20);
    for (const looks of [2, 3, 4]) {
      await append(rig, 'monitor.defined');
      await until(() => well.looks.length >= looks);
    }
    assert.equal(broken.looks.length, 1);
    await runner.settle();
    assert.equal(broken.looks.length, 3, 'settling is two quiet rounds');
  } finally {
    await runner.stop();
  }
});
