import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { toModelSpec } from './model-package.ts';

const text = `
flavors:
  onnx:
    data: model.onnx
    onnx_version: 1.17.0
signature:
  inputs: '[]'
metadata:
  pawl:
    features:
      - view: sender_activity
        entity: sender_domain
        features: [mails_7d, spam_7d]
    positive_output: p_spam
    threshold: 0.5
`;

test('an MLmodel says which file, which features and which outputs', () => {
  assert.deepEqual(toModelSpec(text), {
    file: { format: 'onnx', path: 'model.onnx', bestOnly: false },
    flavor: 'onnx',
    features: [{ view: 'sender_activity', entity: 'sender_domain', features: ['mails_7d', 'spam_7d'] }],
    decision: { label: null, score: 'p_spam', positive: null },
    schema: { inputs: [], outputs: [], params: [] },
    example: null,
  });
});

test('without metadata nothing is said of the outputs, and nothing is looked up', () => {
  assert.deepEqual(toModelSpec('flavors: {onnx: {data: a/b.onnx}}'), {
    file: { format: 'onnx', path: 'a/b.onnx', bestOnly: false },
    flavor: 'onnx',
    features: [],
    decision: { label: null, score: null, positive: null },
    schema: null,
    example: null,
  });
});

for (const [name, broken, problem] of [
  ['no YAML', 'flavors: [', /not YAML/],
  ['a list', '- a', /must be a mapping/],
  ['no flavor', 'flavors: {spark: {}}', /no flavor that is served here: .*\(it has: spark\)/],
  ['no file', 'flavors: {onnx: {}}', /"flavors.onnx.data" must be a text/],
  ['a path upwards', 'flavors: {onnx: {data: ../model.onnx}}', /inside the package/],
  ['an absolute path', 'flavors: {onnx: {data: /etc/passwd}}', /inside the package/],
  ['features that are no list', 'flavors: {onnx: {data: m}}\nmetadata: {pawl: {features: 3}}', /must be a list/],
  [
    'a feature without entity',
    'flavors: {onnx: {data: m}}\nmetadata: {pawl: {features: [{view: v, features: [a]}]}}',
    /features\[0\]\.entity/,
  ],
  ['many aliases', `a: &a [1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]`, /not YAML/],
] as const) {
  test(`a package with ${name} is refused in one line`, () => {
    assert.throws(
      () => toModelSpec(broken),
      (error) => isFault(error, 'model_package_invalid') && problem.test(error.message) && !error.message.includes('\n'),
    );
  });
}

test('a booster is served from its own file, but never from a pickle', () => {
  const xgboost = 'flavors: {python_function: {}, xgboost: {data: model.ubj, model_class: xgboost.sklearn.XGBClassifier}}';
  assert.deepEqual(toModelSpec(xgboost).file, { format: 'xgboost', path: 'model.ubj', bestOnly: true });
  assert.deepEqual(toModelSpec('flavors: {lightgbm: {data: model.lgb}}').file, { format: 'lightgbm', path: 'model.lgb', bestOnly: false });
  assert.throws(() => toModelSpec('flavors: {lightgbm: {data: model.pkl}}'), /no flavor that is served here/);
  const pickled = toModelSpec('flavors: {lightgbm: {data: model.pkl}, python_function: {}}');
  assert.deepEqual([pickled.file.format, pickled.flavor], ['python', 'lightgbm']);
});

test('a signature of columns, of tensors and with parameters is read; one that is broken is refused', () => {
  const inputs = '[{"type": "double", "name": "age", "required": true}, {"type": "string", "name": "city", "required": false}]';
  const tensor = '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]';
  const params = '[{"name": "top", "type": "long", "default": 3, "shape": null}]';
  const { schema } = toModelSpec(
    `flavors: {onnx: {data: m}}\nsignature:\n  inputs: '${inputs}'\n  outputs: '${tensor}'\n  params: '${params}'\nsaved_input_example_info: {serving_input_path: serving_input_example.json}`,
  );
  assert.deepEqual(schema, {
    inputs: [
      { kind: 'column', name: 'age', type: 'double', required: true },
      { kind: 'column', name: 'city', type: 'string', required: false },
    ],
    outputs: [{ kind: 'tensor', name: null, dtype: 'float32', shape: [-1, 4] }],
    params: [{ name: 'top', type: 'long', list: false, byDefault: 3 }],
  });
  assert.throws(() => toModelSpec('flavors: {onnx: {data: m}}\nsignature: {inputs: "["}'), /"signature.inputs" is not JSON/);
  assert.throws(
    () => toModelSpec('flavors: {onnx: {data: m}}\nsaved_input_example_info: {serving_input_path: ../../etc/passwd}'),
    /inside the package/,
  );
});
