import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Database } from '@pawl/core';
import { createIntake } from '@pawl/engine';
import { createSpool, dropSpool, readSpool } from '@pawl/serving';
import { prediction, settle, testOnEach } from './rig.ts';
import type { Rig } from './rig.ts';

/** Takes in what the data plane left in a folder; `die` is asked before and after each transaction. */
function intake(ports: { readonly database: Database }, folder: string, die: (when: string) => void = () => undefined) {
  return createIntake({
    ...ports,
    source: {
      name: 'test',
      async read(position, limit) {
        const read = await readSpool(folder, position, limit);
        die('read');
        return read;
      },
      async forget(position) {
        die('forget');
        await dropSpool(folder, position);
      },
    },
  });
}

async function fill(rig: Rig, folder: string, records: number): Promise<void> {
  const spool = createSpool({ folder, segmentBytes: 20_000, logger: rig.ports.log });
  for (let one = 0; one < records; one++) spool.append([prediction(`p${String(one).padStart(5, '0')}`, { inputs: { x: one } })]);
  await spool.close();
}

const stored = async (rig: Rig): Promise<readonly string[]> => (await rig.database.read.predictions.after(0, 10_000)).map((one) => one.id);

testOnEach('every record of the spool is stored once and in order, whenever the process dies', async (rig) => {
  const folder = join(rig.home, 'spool');
  await fill(rig, folder, 1700);
  let dice = 0;
  for (let restart = 0; restart < 12; restart++) {
    const loop = intake(rig.ports, folder, () => {
      if (++dice % 3 === 0) throw new Error('killed');
    });
    await loop.tick().catch(() => undefined);
  }
  await settle(intake(rig.ports, folder));
  assert.deepEqual(
    await stored(rig),
    Array.from({ length: 1700 }, (_, one) => `p${String(one).padStart(5, '0')}`),
  );
});

testOnEach('two processes on one spool store each record once', async (rig) => {
  const folder = join(rig.home, 'spool');
  await fill(rig, folder, 1200);
  const other = await rig.another();
  await Promise.all([settle(intake(rig.ports, folder)), settle(intake(other.ports, folder))]);
  await settle(intake(rig.ports, folder));
  const ids = await stored(rig);
  assert.equal(ids.length, 1200);
  assert.equal(new Set(ids).size, 1200);
});
