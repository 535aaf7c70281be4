import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Span, SpanValue } from '@pawl/core';
import protobuf from 'protobufjs/minimal.js';
import { readJson } from './json.ts';
import { readProtobuf, writeResponse, writeStatus } from './protobuf.ts';
import type { Export } from './spans.ts';

const TRACE = '5b8efff798038103d269b633813fc60c';
const SPAN = 'eee19b7ec3c1b174';

const json = (request: object): Export => readJson(Buffer.from(JSON.stringify(request)));
const spans = (request: object): object => ({ resourceSpans: [{ scopeSpans: [{ spans: [request] }] }] });

const expected: Span = {
  trace: `tr-${TRACE}`,
  id: SPAN,
  parent: 'eee19b7ec3c1b173',
  name: 'I\uFFFDm',
  status: 'error',
  message: 'no',
  startedAt: 1_544_712_660_000_000_001n,
  endedAt: 1_544_712_661_000_000_001n,
  attributes: new Map<string, SpanValue>([
    ['text', 'é🧪'],
    ['yes', true],
    ['int', -(2n ** 63n)],
    ['small', 7n],
    ['double', 1],
    ['nan', Number.NaN],
    ['list', [1n, null]],
    ['map', new Map([['__proto__', { base64: 'AAEC' }]])],
    ['nothing', null],
  ]),
  events: [{ name: 'e', time: 5n, attributes: new Map([['a', 'b']]) }],
  links: [{ trace: `tr-${TRACE}`, span: SPAN, attributes: new Map() }],
};

test('JSON is read as the specification writes it, with every digit', () => {
  const text = JSON.stringify(
    spans({
      traceId: TRACE.toUpperCase(),
      spanId: SPAN,
      parentSpanId: 'eee19b7ec3c1b173',
      name: 'I\u0000m',
      kind: 2,
      startTimeUnixNano: '1544712660000000001',
      endTimeUnixNano: 'DIGITS',
      status: { code: 'STATUS_CODE_ERROR', message: 'no' },
      attributes: [
        { key: 'text', value: { stringValue: 'é🧪' } },
        { key: 'yes', value: { boolValue: true } },
        { key: 'int', value: { intValue: '-9223372036854775808' } },
        { key: 'small', value: { intValue: 7 } },
        { key: 'double', value: { doubleValue: 1 } },
        { key: 'nan', value: { doubleValue: 'NaN' } },
        { key: 'list', value: { arrayValue: { values: [{ intValue: '1' }, {}] } } },
        { key: 'map', value: { kvlistValue: { values: [{ key: '__proto__', value: { bytesValue: 'AAEC' } }] } } },
        { key: 'nothing' },
      ],
      events: [{ name: 'e', timeUnixNano: 5, attributes: [{ key: 'a', value: { stringValue: 'b' } }] }],
      links: [{ traceId: TRACE, spanId: SPAN, somethingNew: 1 }],
    }),
  ).replace('"DIGITS"', '1544712661000000001');
  const read = readJson(Buffer.from(text));
  assert.deepStrictEqual(read.batches, [{ resource: new Map(), spans: [expected] }]);
  assert.deepEqual(read.refusals, []);
});

type Writer = protobuf.Writer;

const sub = (writer: Writer, field: number, body: (writer: Writer) => void): Writer => {
  writer.uint32((field << 3) | 2).fork();
  body(writer);
  return writer.ldelim();
};
const bytes = (writer: Writer, field: number, hex: string): Writer => writer.uint32((field << 3) | 2).bytes(Buffer.from(hex, 'hex'));
const string = (writer: Writer, field: number, text: string): Writer => writer.uint32((field << 3) | 2).string(text);
const fixed64 = (writer: Writer, field: number, value: bigint): Writer => writer.uint32((field << 3) | 1).fixed64(String(value));
const pair = (writer: Writer, field: number, key: string, value: (writer: Writer) => void): Writer =>
  sub(writer, field, (inner) => {
    string(inner, 1, key);
    sub(inner, 2, value);
  });

function encoded(): Uint8Array {
  const writer = protobuf.Writer.create();
  sub(writer, 1, (group) => {
    sub(group, 1, (resource) => pair(resource, 1, 'service.name', (value) => string(value, 1, 'shop')));
    sub(group, 2, (scope) => {
      string(
        sub(scope, 1, (own) => string(own, 1, 'library')),
        3,
        'https://schema',
      );
      sub(scope, 2, (span) => {
        bytes(span, 1, TRACE);
        bytes(span, 2, SPAN);
        string(span, 3, 'a=b');
        bytes(span, 4, 'eee19b7ec3c1b173');
        string(span, 5, 'I\u0000m');
        span.uint32((6 << 3) | 0).int32(2);
        fixed64(span, 7, expected.startedAt);
        fixed64(span, 8, expected.endedAt ?? 0n);
        pair(span, 9, 'text', (value) => string(value, 1, 'é🧪'));
        pair(span, 9, 'yes', (value) => value.uint32((2 << 3) | 0).bool(true));
        pair(span, 9, 'int', (value) => value.uint32((3 << 3) | 0).int64('-9223372036854775808'));
        pair(span, 9, 'small', (value) => value.uint32((3 << 3) | 0).int64(7));
        pair(span, 9, 'double', (value) => value.uint32((4 << 3) | 1).double(1));
        pair(span, 9, 'nan', (value) => value.uint32((4 << 3) | 1).double(Number.NaN));
        pair(span, 9, 'list', (value) =>
          sub(value, 5, (list) => {
            sub(list, 1, (item) => item.uint32((3 << 3) | 0).int64(1));
            sub(list, 1, () => undefined);
          }),
        );
        pair(span, 9, 'map', (value) => sub(value, 6, (map) => pair(map, 1, '__proto__', (inner) => bytes(inner, 7, '000102'))));
        sub(span, 9, (inner) => string(inner, 1, 'nothing'));
        sub(span, 11, (event) => {
          fixed64(event, 1, 5n);
          string(event, 2, 'e');
          pair(event, 3, 'a', (value) => string(value, 1, 'b'));
        });
        sub(span, 13, (link) => bytes(bytes(link, 1, TRACE), 2, SPAN));
        sub(span, 15, (status) =>
          string(status, 2, 'no')
            .uint32((3 << 3) | 0)
            .int32(2),
        );
        string(span, 999, 'a field of the future');
      });
    });
  });
  return writer.finish();
}

test('protobuf is read the same', async () => {
  const read = await readProtobuf(encoded());
  assert.deepStrictEqual(read.batches, [{ resource: new Map([['service.name', 'shop']]), spans: [expected] }]);
  assert.deepEqual((await readProtobuf(new Uint8Array())).batches, []);
});

test('whatever is cut short or overwritten is read or refused, never more', async () => {
  const whole = encoded();
  for (let at = 0; at < whole.length; at++) {
    for (const bad of [whole.slice(0, at), whole.with(at, 255), whole.with(at, 0), whole.with(at, (whole[at] ?? 0) ^ 3)]) {
      try {
        await readProtobuf(bad);
      } catch (error) {
        assert.equal((error as { code?: unknown }).code, 'spans_unreadable', String(error));
      }
    }
  }
});

test('a span without ids is told, and costs no other', () => {
  const good = { traceId: TRACE, spanId: SPAN, name: 'good' };
  const bad = [{}, { ...good, spanId: '00' }, { ...good, traceId: '0'.repeat(32) }, { ...good, traceId: 'zz'.repeat(16) }];
  const { batches, refusals } = json({ resourceSpans: [{ scopeSpans: [{ spans: [...bad, good] }] }] });
  assert.deepEqual([batches[0]?.spans.length, refusals.length], [1, 4]);
});

test('what is no request is refused in one line', async () => {
  let deep: object = { stringValue: 'x' };
  for (let depth = 0; depth < 40; depth++) deep = { arrayValue: { values: [deep] } };
  for (const request of [
    [],
    null,
    { resourceSpans: 5 },
    { resourceSpans: [5] },
    spans({ traceId: 7 }),
    spans({ startTimeUnixNano: 'soon' }),
    spans({ startTimeUnixNano: 1.5 }),
    spans({ attributes: [{ key: 'a', value: { doubleValue: 'x' } }] }),
    spans({ attributes: [{ key: 'a', value: deep }] }),
  ]) {
    assert.throws(() => json(request as object), { code: 'spans_unreadable' }, JSON.stringify(request));
  }
  assert.throws(() => readJson(Buffer.from('{')), { code: 'spans_unreadable' });
  assert.throws(() => readJson(Buffer.from([0xff, 0xfe])), { code: 'spans_unreadable' });
  const many = Array.from({ length: 20_001 }, () => ({}));
  assert.throws(() => json({ resourceSpans: [{ scopeSpans: [{ spans: many }] }] }), { code: 'spans_too_large' });
  await assert.rejects(readProtobuf(Buffer.from('{"resourceSpans":[]}')), { code: 'spans_unreadable' });
});

test('answers are empty when all was taken', async () => {
  assert.equal((await writeResponse(undefined)).length, 0);
  assert.equal(Buffer.from(await writeResponse({ count: 2, problem: 'why' })).toString('hex'), '0a07080212037768' + '79');
  assert.equal(Buffer.from(await writeStatus(3, 'bad')).toString('hex'), '08031203626164');
});
