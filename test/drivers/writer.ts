/** Writes one transaction after another, and says each number once its commit was answered: until it is killed. */
import { openPostgres, openSqlite } from '@pawl/drivers';

const [target = '', writer = '', start = '0'] = process.argv.slice(2);
const database = await (target.startsWith('postgres:') ? openPostgres({ url: target }) : openSqlite({ path: target }));

for (let at = Number(start); ; at += 1) {
  const name = `${writer}-${at}`;
  await database.transaction(async (tx) => {
    await tx.datasets.create({ name, createdAt: at });
    await tx.events.append([{ id: name, type: 'dataset.created', subject: `dataset/${name}`, time: at, actor: 'user:ann', data: {} }]);
    for (const version of [1, 2]) {
      await tx.datasets.insertVersion({
        dataset: name,
        version,
        manifest: `sha256:${at}`,
        files: 1,
        bytes: 1,
        tables: [],
        message: 'x'.repeat(2000),
        author: 'ann',
        createdAt: at,
        parent: null,
        status: 'unchecked',
        task: null,
        branch: 'main',
        mergedFrom: null,
        source: null,
        expiredAt: null,
      });
    }
    await tx.leases.acquire(writer, 'writer', 0, at);
  });
  process.stdout.write(`${at}\n`);
}
