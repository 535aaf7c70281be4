import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonValue } from '../ports/json.ts';
import { toSchemaTest } from './json-schema.ts';

describe('JSON Schema', () => {
  test('keywords mean what draft 2020-12 says', () => {
    const cases: readonly (readonly [JsonValue, readonly JsonValue[], readonly JsonValue[]])[] = [
      [true, [1, null], []],
      [false, [], [1]],
      [{ type: 'integer' }, [1, 1.0, -3], [1.5, '1', true, null]],
      [{ type: ['string', 'null'] }, ['a', null], [1]],
      [{ enum: [1, { a: [1] }] }, [1, { a: [1] }], [2, { a: [1, 2] }, { a: [1], b: 1 }]],
      [{ minimum: 1, exclusiveMaximum: 3, multipleOf: 0.5 }, [1, 2.5, 'x'], [0, 3, 1.25]],
      [{ minLength: 2, pattern: '^a' }, ['ab', 5], ['a', 'ba']],
      [{ required: ['a'], properties: { a: { type: 'number' } } }, [{ a: 1 }, []], [{}, { a: 'x' }]],
      [{ properties: { a: {} }, patternProperties: { '^x': {} }, additionalProperties: false }, [{ a: 1, xx: 2 }], [{ b: 1 }]],
      [{ items: { type: 'number' }, minItems: 1, uniqueItems: true }, [[1, 2]], [[], [1, 'a'], [1, 1]]],
      [{ prefixItems: [{ type: 'number' }], items: false }, [[1], []], [[1, 2], ['a']]],
      [{ items: [{ type: 'number' }] }, [[1, 'more']], [['a']]],
      [{ contains: { const: 5 }, maxContains: 1 }, [[1, 5]], [[1], [5, 5]]],
      [{ anyOf: [{ type: 'null' }, { type: 'number' }], not: { const: 0 } }, [null, 1], [0, 'a']],
      [{ oneOf: [{ minimum: 1 }, { maximum: 5 }] }, [0, 9], [3]],
      [JSON.parse('{"if":{"type":"string"},"then":{"minLength":1},"else":{"type":"number"}}') as JsonValue, ['a', 1], ['', null]],
      [
        { $defs: { tree: { type: 'object', properties: { of: { $ref: '#/$defs/tree' } } } }, $ref: '#/$defs/tree' },
        [{ of: { of: {} } }],
        [{ of: { of: 1 } }],
      ],
      [{ dependentRequired: { a: ['b'] }, propertyNames: { maxLength: 1 } }, [{ a: 1, b: 2 }, { c: 1 }], [{ a: 1 }, { cc: 1 }]],
    ];
    for (const [schema, good, bad] of cases) {
      const fits = toSchemaTest(schema);
      for (const value of good) assert.ok(fits(value), `${JSON.stringify(value)} by ${JSON.stringify(schema)}`);
      for (const value of bad) assert.ok(!fits(value), `${JSON.stringify(value)} by ${JSON.stringify(schema)}`);
    }
  });

  test('a schema that is none, or asks more than there is, is refused', () => {
    for (const [schema, problem] of [
      [{ type: 'text' }, /type "text"/],
      [{ unevaluatedProperties: false }, /"unevaluatedProperties", which is not supported/],
      [{ minimum: '1' }, /must be a number/],
      [{ required: 'a' }, /must be a list/],
      [{ properties: [] }, /must be an object/],
      [{ items: 5 }, /where a schema must stand/],
    ] as const)
      assert.throws(() => toSchemaTest(schema), problem);
    assert.throws(() => toSchemaTest({ $ref: 'https://example.org/x' })({}), /only parts of itself/);
    assert.throws(() => toSchemaTest({ $ref: '#' })({}), /without an end/);
  });
});
