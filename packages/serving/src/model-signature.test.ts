import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toModelSignature } from './model-signature.ts';

test('columns, tensors, nested types and parameters are told in words', () => {
  const text = `
signature:
  inputs: '[{"type": "double", "name": "x", "required": true}, {"type": "string", "name": "note", "required": false}, {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "long", "required": true}}}, "name": "list", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
  params: '[{"name": "top", "default": 5, "shape": null, "type": "long"}]'
`;
  assert.deepEqual(toModelSignature(text), {
    inputs: [
      { name: 'x', type: 'double' },
      { name: 'note', type: 'string (optional)' },
      { name: 'list', type: 'array<{a: long}>' },
    ],
    outputs: [{ name: '', type: 'float32[-1,4]' }],
    params: [{ name: 'top', type: 'long (optional)' }],
  });
});

test('a part that is not there, or no JSON, is empty; no signature, or no YAML, is null', () => {
  assert.deepEqual(toModelSignature('signature: {inputs: "[", outputs: null}'), { inputs: [], outputs: [], params: [] });
  for (const text of ['flavors: {}', 'signature: none', ': : :', '']) assert.equal(toModelSignature(text), null, text);
});
