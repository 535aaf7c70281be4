import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseEvents } from './events.ts';

async function* pieces(all: readonly string[]): AsyncGenerator<string> {
  yield* all;
}

const parse = (...all: readonly string[]) => collect(parseEvents(pieces(all)));

test('names, numbers, comments and several lines of data are read as the standard says', async () => {
  const text = ':hello\n\nid: 7\nevent: end\ndata: {"a":\ndata:1}\n\ndata: x\r\n\r\nretry: 5\n\ndata\n\n';
  assert.deepEqual(await parse(text), [
    { event: 'end', data: '{"a":\n1}', id: '7' },
    { event: 'message', data: 'x', id: '7' },
    { event: 'message', data: '', id: '7' },
  ]);
});

test('a message cut off by the end is dropped', async () => {
  assert.deepEqual(await parse('data: 1\n\ndata: 2'), [{ event: 'message', data: '1', id: '' }]);
});

test('it does not matter where the network cuts', async () => {
  const text = 'id: 1\r\ndata: a\r\n\r\ndata: b\rdata: c\r\revent: x\ndata: ü\n\n';
  const whole = await parse(text);
  assert.equal(whole.length, 3);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 6 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const parts = at.slice(1).map((end, index) => text.slice(at[index], end));
      assert.deepEqual(await parse(...parts), whole);
    }),
  );
});

async function collect<Item>(source: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of source) all.push(item);
  return all;
}
