import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quantileOf, toSemantic, toShape, toShapes } from './profile.ts';
import type { SemanticSigns } from './profile.ts';

const signs: SemanticSigns = {
  type: 'VARCHAR',
  present: 1000,
  distinct: 900,
  exact: true,
  whole: false,
  numeric: false,
  negatives: 0,
  values: [],
};
const all = (...values: readonly string[]): SemanticSigns => ({ ...signs, values: values.map((value) => ({ value, count: 1 })) });

describe('profiles', () => {
  test('a shape keeps what is neither letter nor digit', () => {
    for (const [text, shape] of [
      ['2024-01-31', '9-9-9'],
      ['Ann Lee', 'Aa Aa'],
      ['ann.lee@example.org', 'a.a@a.a'],
      ['B-737', 'A-9'],
      ['', ''],
      ['MacDonald', 'Aa'],
      ['Zoë 🦆', 'Aa 🦆'],
      ['a  \n b', 'a a'],
    ] as const)
      assert.equal(toShape(text), shape, text);
    assert.deepEqual(toShapes([{ value: 'a1', count: 3 }, { value: 'zz22', count: 1 }, { value: '-', count: 1 }]), [
      { shape: 'a9', share: 0.8 },
      { shape: '-', share: 0.2 },
    ]); // prettier-ignore
  });

  test('what a column stands for', () => {
    const cases: readonly (readonly [SemanticSigns, string])[] = [
      [{ ...signs, present: 0, distinct: 0 }, 'empty'],
      [{ ...signs, distinct: 1 }, 'constant'],
      [{ ...signs, type: 'BOOLEAN', distinct: 2 }, 'boolean'],
      [{ ...signs, type: 'TIMESTAMP WITH TIME ZONE' }, 'time'],
      [{ ...signs, type: 'STRUCT(a INTEGER)' }, 'nested'],
      [{ ...signs, type: 'BIGINT', numeric: true, whole: true, distinct: 1000 }, 'identifier'],
      [{ ...signs, type: 'BIGINT', numeric: true, whole: true }, 'count'],
      [{ ...signs, type: 'BIGINT', numeric: true, whole: true, negatives: 1 }, 'number'],
      [{ ...signs, type: 'DOUBLE', numeric: true, distinct: 1000 }, 'number'],
      [all('a@b.org', 'c@d.com'), 'email'],
      [all('https://x.org/a', 's3://bucket/key'), 'url'],
      [all('2024-01-01', '2024-01-01T10:00:00Z'), 'date text'],
      [all('1.5', '-2e3'), 'number text'],
      [all('{"a":1}', '[]'), 'json'],
      [all('0190b3a4-7f2e-7c31-9d2a-0123456789ab'), 'uuid'],
      [{ ...all('x', 'y'), distinct: 5 }, 'category'],
      [all('some words', 'other words'), 'text'],
      [{ ...all('k1', 'k2'), distinct: 1000 }, 'identifier'],
    ];
    for (const [one, expected] of cases) assert.equal(toSemantic(one), expected, JSON.stringify(one));
  });

  test('quantiles are read off the cells', () => {
    const edges = { edges: [1, 2, 3], min: 0, max: 9 };
    assert.deepEqual(
      [0.01, 0.25, 0.5, 0.75, 1].map((share) => quantileOf(edges, [1, 1, 1, 1], share)),
      [1, 1, 2, 3, 9],
    );
    assert.equal(quantileOf(edges, [0, 0, 5, 0], 0.01), 3);
  });
});
