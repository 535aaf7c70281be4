import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPostgres } from '@pawl/drivers';
import { freshDatabase } from '../support/postgres.ts';
import { servedRow } from '../support/prediction.ts';
import { folderOf, serve, until } from './process.ts';

/** A home whose data plane left one answer behind. */
function leave(home: string, id: string): void {
  const record = servedRow(id, { inputs: { words: 1 } });
  mkdirSync(join(home, 'spool'), { recursive: true });
  writeFileSync(join(home, 'spool', '000000000001.jsonl'), `${JSON.stringify(record)}\n`);
}

test('two data planes on one database each take in what they left, and nothing of it is lost', async (context) => {
  const folder = folderOf(context);
  const server = await freshDatabase();
  const database = await openPostgres({ url: server.url });
  context.after(async () => {
    await database.close();
    await server.drop();
  });
  const ids = ['a'.repeat(32), 'b'.repeat(32)];
  for (const [index, id] of ids.entries()) {
    const home = join(folder, `home-${index}`);
    leave(home, id);
    const running = await serve(context, home, '--roles', 'serving', '--database-url', server.url, '--blobs', join(folder, 'blobs'));
    await until(async () => (await database.read.predictions.get(id))[0]);
    assert.equal((await running.stop()).code, 0);
  }
});
