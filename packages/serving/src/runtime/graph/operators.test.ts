/** Each operator against what ONNX Runtime answers: `test/oracles/onnx_operators.py` made the graphs and asked it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Kind, Value } from './graph.ts';
import { compileGraph } from './compile.ts';
import { numbersOf } from './graph.ts';
import { readOnnx } from './onnx-file.ts';

interface Golden {
  readonly kind: Kind;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

interface Case {
  readonly name: string;
  /** The ONNX file in base64. */
  readonly model: string;
  readonly inputs: Readonly<Record<string, Golden>>;
  readonly outputs: readonly Golden[];
}

const { cases } = JSON.parse(readFileSync(new URL('../../../../../test/oracles/onnx-operators.json', import.meta.url), 'utf8')) as {
  cases: readonly Case[];
};

const words: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity };

function toValue({ kind, shape, data }: Golden): Value {
  if (kind === 'BYTES') return { kind, shape, data: data as readonly string[] };
  const numbers = numbersOf(kind, data.length);
  data.forEach((value, index) => (numbers[index] = typeof value === 'string' ? (words[value] as number) : value));
  return { kind, shape, data: numbers };
}

const isFloat = (kind: Kind): boolean => kind === 'FP32' || kind === 'FP64';

function assertValue(found: Value, golden: Golden, name: string): void {
  assert.equal(found.kind, golden.kind, name);
  assert.deepEqual([...found.shape], golden.shape, name);
  const expected = toValue(golden);
  expected.data.forEach((value: number | string, index: number) => {
    const mine = found.data[index] as number | string;
    const near = isFloat(golden.kind) && Math.abs(Number(mine) - Number(value)) <= 1e-5 * Math.max(1, Math.abs(Number(value)));
    assert.ok(near || mine === value || (Number.isNaN(mine) && Number.isNaN(value)), `${name}: element ${index} is ${mine}, not ${value}`);
  });
}

test(`${cases.length} graphs of one operator give what ONNX Runtime gives`, async () => {
  for (const { name, model, inputs, outputs } of cases) {
    const program = compileGraph(readOnnx(Buffer.from(model, 'base64')));
    const values = program.inputs.map((input) => toValue(inputs[input.name] as Golden));
    const walked = program.run(values);
    outputs.forEach((golden, at) => assertValue(walked[at] as Value, golden, name));
    // Trees once more, compiled.
    await program.prepare();
    const compiled = program.run(values);
    outputs.forEach((golden, at) => assertValue(compiled[at] as Value, golden, `${name}, compiled`));
  }
});
