import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { fault } from '@pawl/core';
import type { Batch, Columns } from '../../tensor/tensor.ts';
import type { GraphTensor, RunMessage, WorkerMessage, WorkerStart } from './message.ts';
import type { ModelRuntime } from '../runtime.ts';
import { packTensors, unpackTensors } from './message.ts';

export interface OnnxFile {
  /** Where it is. */
  readonly path: string;
  /** What it is called in messages: relative to its package. */
  readonly name: string;
}

/** A thread with ONNX Runtime in it, without its model: measured. */
const THREAD_BYTES = 12 * 1024 * 1024;

interface Pending {
  readonly resolve: (outputs: Columns) => void;
  readonly reject: (reason: Error) => void;
}

interface Graph {
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
}

/** ONNX Runtime's message in one line, without the place of the file on this machine. */
function toReason(text: string, file: OnnxFile): string {
  const [line = ''] = text.replaceAll(file.path, file.name).trim().split('\n');
  return line.replace(/[\s.]+$/, '');
}

function startWorker(file: OnnxFile, onMessage: (message: WorkerMessage) => void, onEnd: (reason: string) => void): Worker {
  const workerData: WorkerStart = { file: file.path };
  const worker = new Worker(new URL('./onnx-worker.ts', import.meta.url), { workerData, name: `onnx ${file.name}` });
  let reason = 'its thread ended';
  worker.on('message', onMessage);
  worker.on('error', (error) => {
    reason = toReason(error instanceof Error ? error.message : String(error), file);
  });
  worker.on('exit', () => onEnd(reason));
  // A loaded model must not keep a process alive that has nothing else to do.
  worker.unref();
  return worker;
}

/**
 * Loads an ONNX file into a thread of its own and reads its graph. Several runs may be under way: they wait in the thread in order.
 * A thread that dies rejects what it held; the next run starts another. Throws `model_file_invalid` when ONNX Runtime refuses the file.
 */
export async function loadOnnx(file: OnnxFile): Promise<ModelRuntime> {
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let restart: Promise<Graph> | undefined;
  let closed = false;
  let lastId = 0;

  function start(): Promise<Graph> {
    return new Promise((resolve, reject) => {
      const started = startWorker(file, onMessage, onEnd);
      worker = started;
      // Referenced until it has loaded: a program that only loads a model must not end before it is told the outcome.
      started.ref();

      function onMessage(message: WorkerMessage): void {
        if (message.kind === 'loaded') {
          started.unref();
          resolve(message);
        } else if (message.kind === 'refused') {
          reject(fault('model_file_invalid', { file: file.name, reason: toReason(message.reason, file) }));
        } else {
          settle(message);
        }
      }

      function onEnd(reason: string): void {
        if (worker === started) worker = undefined;
        reject(fault('model_file_invalid', { file: file.name, reason }));
        for (const [id, run] of pending) {
          pending.delete(id);
          run.reject(new Error(`the model's thread ended: ${reason}`));
        }
      }
    });
  }

  const size = await stat(file.path).then(
    (facts) => facts.size,
    () => 0,
  );
  const graph = await start();
  const outputTypes = graph.outputs.map((output) => output.datatype);

  function settle(message: Extract<WorkerMessage, { id: number }>): void {
    const run = pending.get(message.id);
    pending.delete(message.id);
    if (pending.size === 0) worker?.unref();
    if (message.kind === 'failure') {
      run?.reject(new Error(toReason(message.reason, file)));
    } else {
      const tensors = unpackTensors(message.batch, outputTypes);
      run?.resolve(Object.fromEntries(graph.outputs.map((output, index) => [output.name, tensors[index] as Columns[string]])));
    }
  }

  async function run(batch: Batch): Promise<Columns> {
    if (closed) throw new Error('the model is closed');
    if (worker === undefined) {
      restart ??= start().finally(() => (restart = undefined));
      await restart;
    }
    const tensors = graph.inputs.map((input) => {
      const tensor = batch.columns[input.name];
      if (tensor === undefined) throw new Error(`input "${input.name}" is missing`);
      return tensor;
    });
    const message: RunMessage = { id: ++lastId, batch: packTensors(tensors) };
    const thread = worker;
    // It may have died again, or been closed, since it started: nobody would ever answer.
    if (thread === undefined) throw new Error("the model's thread ended");
    return new Promise((resolve, reject) => {
      pending.set(message.id, { resolve, reject });
      thread.ref();
      thread.postMessage(message, [message.batch.buffer]);
    });
  }

  return {
    engine: 'onnxruntime',
    inputs: graph.inputs,
    outputs: graph.outputs,
    classes: null,
    bytes: THREAD_BYTES + size * 2,
    predicts: { form: 'as-sent', outputs: [] },
    open: false,
    // A run costs tens of microseconds however few its rows are.
    gathers: true,
    run,
    close: async () => {
      closed = true;
      await worker?.terminate();
    },
  };
}
