/** Runs the rollout controller on a database until it is killed, and says each time it looked. */
import { createFsBlobs, createIds, createSystemClock, createSystemRandom, openPostgres, openSqlite } from '@pawl/drivers';
import { createModelService, createRolloutController } from '@pawl/engine';

const [target = '', root = ''] = process.argv.slice(2);
const database = await (target.startsWith('postgres:') ? openPostgres({ url: target }) : openSqlite({ path: target }));
const clock = createSystemClock();
const ids = createIds(clock, createSystemRandom());
const models = createModelService({ database, blobs: createFsBlobs({ root }), clock, ids, verifyPackage: async () => undefined });
const controller = createRolloutController({ database, models, clock, ids });
for (;;) {
  await controller.tick();
  process.stdout.write('.');
}
