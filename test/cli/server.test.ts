import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pawl, start, startServer } from './pawl.ts';
import type { Server } from './pawl.ts';

let server: Server;
before(async () => {
  server = await startServer();
  writeFileSync(join(server.folder, 'a.csv'), 'a\n1\n');
});
after(() => server.stop());

test('a server that cannot start says why in one line, with exit code 1', async () => {
  const other = join(server.folder, 'other');
  const cases = [
    [
      ['--home', server.home, '--port', '0'],
      /^Error: Another Pawl server holds the home .*\/home; stop it first, or start this one with another --home\.\n$/,
    ],
    [
      ['--home', other, '--port', new URL(server.url).port],
      /^Error: Port \d+ on 127\.0\.0\.1 is already in use; choose another with --port \(0 picks a free one\)\.\n$/,
    ],
    [['--home', join(server.folder, 'a.csv/home'), '--port', '0'], /^Error: Cannot write to .*a\.csv\/home: [^\n]+\n$/],
  ] as const;
  for (const [args, line] of cases) {
    const { code, stdout, stderr } = await pawl(['server', ...args]);
    assert.match(stderr, line);
    assert.deepEqual([code, stdout], [1, '']);
  }
});

test('SIGTERM ends a server with exit code 0, and the next one on its home has everything', async () => {
  const home = join(server.folder, 'again');
  const begin = async (): Promise<{ readonly url: string; stop(): Promise<number | null> }> => {
    const { child, ended } = start(['server', '--home', home, '--port', '0', '--log-level', 'error']);
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', (text: string) => resolve(/at (\S+)\n/.exec(text)?.[1] ?? text));
      void ended.then(({ stderr }) => reject(new Error(stderr)));
    });
    return {
      url,
      async stop() {
        child.kill('SIGTERM');
        return (await ended).code;
      },
    };
  };
  const first = await begin();
  const added = await pawl(['data', 'add', 'kept', join(server.folder, 'a.csv'), '--server', first.url]);
  assert.equal(added.code, 0, added.stderr);
  assert.equal(await first.stop(), 0);
  const second = await begin();
  assert.match((await pawl(['data', 'log', 'kept', '--server', second.url])).stdout, /^ +1 .* 1 +4 B /m);
  assert.equal(await second.stop(), 0);
});
