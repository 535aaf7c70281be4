import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress, toBar } from './progress.ts';

test('the bar says share, amount and time left', () => {
  assert.equal(toBar('Sending', 1_200_000, 4_800_000, 2000), `Sending ${'█'.repeat(6)}${'░'.repeat(18)} 25 % 1.2 MB of 4.8 MB, 6.0 s left`);
  assert.equal(toBar('Sending', 0, 0, 0), `Sending ${'█'.repeat(24)} 100 % 0 B of 0 B`);
});

test('nothing is written where there is no terminal', () => {
  const written: string[] = [];
  const progress = createProgress('Sending', 10, { write: (text) => written.push(text) });
  progress.add(5);
  progress.say('x');
  progress.end();
  assert.deepEqual(written, []);
});

test('a terminal is redrawn now and then, and left clean', () => {
  const written: string[] = [];
  let now = 1000;
  const progress = createProgress('Sending', 100, { isTTY: true, columns: 40, write: (text) => written.push(text) }, () => now);
  progress.add(10);
  progress.add(10);
  now += 100;
  progress.add(10);
  progress.end();
  assert.equal(written.length, 3);
  assert.match(written[1] ?? '', /30 %/);
  assert.equal(written.at(-1), '\r\u001b[K');
  for (const text of written) assert.ok(text.length <= 44);
});
