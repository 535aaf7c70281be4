/**
 * The thread of one ONNX model: `run()` of ONNX Runtime blocks its thread for the whole inference (microsoft/onnxruntime#19611), so it never runs
 * on the server's. Speaks the messages of `message.ts`; it ends when its port is closed.
 */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Datatype, Tensor, TensorData } from '../../tensor/tensor.ts';
import type { GraphTensor, RunMessage, WorkerMessage, WorkerStart } from './message.ts';
import { packTensors, unpackTensors } from './message.ts';
import { unzip } from './zip-map.ts';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

// Where there is a Float16Array its JavaScript half uses it, and its native half (1.30) reads none of its elements: without one, both use Uint16Array.
Reflect.deleteProperty(globalThis, 'Float16Array');

const datatypes: Readonly<Record<string, Datatype>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
};
const ortTypes = Object.fromEntries(Object.entries(datatypes).map(([ort, datatype]) => [datatype, ort]));

function toGraphTensor(value: InferenceSession.ValueMetadata): GraphTensor {
  if (!value.isTensor) {
    throw new Error(`"${value.name}" is not a tensor but a map or a sequence; convert the model so that it gives tensors (zipmap off)`);
  }
  const datatype = datatypes[value.type];
  if (datatype === undefined) throw new Error(`"${value.name}" has elements of type ${value.type}`);
  return { name: value.name, datatype, shape: value.shape.map((size) => (typeof size === 'number' ? size : -1)) };
}

/** ONNX Runtime wants a constructor for each type; its typings know every pair apart, a table of them does not. */
function toOrtTensor(tensor: Tensor): OrtTensor {
  const Typed = OrtTensor as unknown as new (type: string, data: TensorData, dims: readonly number[]) => OrtTensor;
  return new Typed(ortTypes[tensor.datatype] ?? '', tensor.data, tensor.shape);
}

function toTensor(value: OrtTensor, datatype: Datatype): Tensor {
  return { datatype, shape: value.dims, data: value.data as TensorData };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');

function post(message: WorkerMessage, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

async function serve(file: string): Promise<void> {
  // One thread a model: the default pool spins on every core and starves its neighbours.
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 4 } as const;
  const unzipped = unzip(await readFile(file));
  const session = await InferenceSession.create(unzipped.bytes, options);
  const inputs = session.inputMetadata.map(toGraphTensor);
  const outputs = unzipped.outputs.map(({ name, source }) => {
    const found = session.outputMetadata.find((output) => output.name === source);
    if (found === undefined) throw new Error(`the graph has no output "${source}"`);
    return { ...toGraphTensor(found), name, source };
  });
  const sources = outputs.map(({ source }) => source);

  async function answer({ id, batch }: RunMessage): Promise<void> {
    try {
      const tensors = unpackTensors(
        batch,
        inputs.map((input) => input.datatype),
      );
      const feeds = Object.fromEntries(inputs.map((input, index) => [input.name, toOrtTensor(tensors[index] as Tensor)]));
      const results = await session.run(feeds, sources);
      const packed = packTensors(outputs.map((output) => toTensor(results[output.source] as OrtTensor, output.datatype)));
      post({ kind: 'answer', id, batch: packed }, [packed.buffer]);
    } catch (error) {
      post({ kind: 'failure', id, reason: reasonOf(error) });
    }
  }

  port?.on('message', (message: RunMessage) => void answer(message));
  post({ kind: 'loaded', inputs, outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })) });
}

try {
  await serve((workerData as WorkerStart).file);
} catch (error) {
  post({ kind: 'refused', reason: reasonOf(error) });
  port.close();
}
