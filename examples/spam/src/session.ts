/** Runs the model's ONNX file with ONNX Runtime, the reference that every other runtime must agree with. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Examples } from './learn.ts';

export interface Verdicts {
  readonly spam: readonly boolean[];
  readonly probability: readonly number[];
}

/** `model` is a path or the file's bytes. Throws what ONNX Runtime throws when it is no ONNX model. */
export async function runOnnx(model: string | Uint8Array, { columns, rows }: Pick<Examples, 'columns' | 'rows'>): Promise<Verdicts> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const session = typeof model === 'string' ? await InferenceSession.create(model, options) : await InferenceSession.create(model, options);
  const feeds = Object.fromEntries(
    columns.map((name, j) => [
      name,
      new Tensor(
        'float32',
        Float32Array.from(rows, (row) => row[j] ?? 0),
        [rows.length, 1],
      ),
    ]),
  );
  const outputs = await session.run(feeds);
  await session.release();
  return {
    spam: numbers(outputs, 'label').map((value) => value === 1),
    probability: numbers(outputs, 'probability'),
  };
}

function numbers(outputs: InferenceSession.OnnxValueMapType, name: string): number[] {
  const output = outputs[name];
  if (!output) throw new Error(`the model has no output '${name}'; it has ${Object.keys(outputs).join(', ')}`);
  return Array.from(output.data as BigInt64Array | Float32Array, Number);
}
