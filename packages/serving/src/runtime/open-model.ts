import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fault, isFault } from '@pawl/core';
import type { LocalModel, Log, PythonSource } from '@pawl/core';
import type { Batch, TensorSpec } from '../tensor/tensor.ts';
import type { ModelRuntime } from './runtime.ts';
import { checkRowModel, nameColumns } from '../endpoint/signature.ts';
import { openBooster } from './open-booster.ts';
import { openOnnx } from './open-onnx.ts';
import { openPython } from './python/open-python.ts';
import { toBatch } from '../frame/to-batch.ts';
import { toFrame } from '../frame/frame.ts';
import { zeroTensor } from '../tensor/tensor.ts';

export interface RuntimePorts {
  /** For models that only Python opens; absent: they are refused. */
  readonly pythons?: PythonSource;
  readonly logger: Log;
}

/** Of a model's Python: what a large model of tables needs, twice over; imports on a busy machine; a batch. */
const PYTHON_LIMITS = { memoryBytes: 4 * 1024 ** 3, openMs: 120_000, callMs: 60_000 };

/** A larger example is not read. */
const LARGEST_EXAMPLE = 1 << 20;
const EXAMPLE_ROWS = 1024;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One row of zeros, where sizes that the model leaves open are 1. */
function toZeros(inputs: readonly TensorSpec[]): Batch {
  const zeros = inputs.map(
    ({ name, datatype, shape }) =>
      [
        name,
        zeroTensor(
          datatype,
          shape.map((size) => (size === -1 ? 1 : size)),
        ),
      ] as const,
  );
  return { rows: 1, columns: Object.fromEntries(zeros) };
}

/** The request that a package brings along, for a model of these inputs; undefined: it brings none, or one that is not of this form. */
async function readExample({
  folder,
  spec,
}: LocalModel): Promise<((inputs: readonly TensorSpec[], open: boolean) => Batch | undefined) | undefined> {
  const path = spec.example === null ? undefined : join(folder, spec.example);
  const facts = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || facts?.isFile() !== true || facts.size > LARGEST_EXAMPLE) return undefined;
  const text = await readFile(path, 'utf8');
  return (inputs, open) => {
    try {
      const { frame } = toFrame(JSON.parse(text));
      return toBatch(frame, { inputs, schema: spec.schema, open }, { maxRows: EXAMPLE_ROWS, isText: false });
    } catch (error) {
      if (isFault(error) || error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
}

type Example = Awaited<ReturnType<typeof readExample>>;

async function openFile(model: LocalModel, example: Example, ports: RuntimePorts): Promise<ModelRuntime> {
  const { folder, spec } = model;
  const { format, path, bestOnly } = spec.file;
  const file = { path: join(folder, path), name: path };
  switch (format) {
    case 'onnx':
      return openOnnx(file);
    case 'xgboost':
      return openBooster(file, { library: format, bestOnly }, spec.decision);
    case 'lightgbm':
      return openBooster(file, { library: format }, spec.decision);
    case 'python': {
      const { pythons, logger } = ports;
      if (pythons === undefined) throw fault('python_unavailable', { reason: 'this process runs no Python' });
      const first = (inputs: readonly TensorSpec[], open: boolean) => example?.(inputs, open) ?? (open ? undefined : toZeros(inputs));
      return openPython(model, { pythons, logger, limits: PYTHON_LIMITS }, first);
    }
  }
}

/** A model that cannot answer its package's own example, or else a row of zeros, gets no traffic. */
async function warmUp(runtime: ModelRuntime, example: Example, file: string): Promise<void> {
  const own = example?.(runtime.inputs, runtime.open);
  try {
    await runtime.run(own ?? toZeros(runtime.inputs));
  } catch (error) {
    const what = own === undefined ? 'a row of zeros' : 'the example of its package';
    throw fault('model_file_invalid', { file, reason: `it fails on ${what} (${reasonOf(error)})` }, error);
  }
}

/**
 * Loads a package's model, proves that model and package fit, and has it answer once. Throws `model_file_invalid`, `model_package_invalid`, `python_unavailable`.
 */
export async function openModel(model: LocalModel, ports: RuntimePorts): Promise<ModelRuntime> {
  const { spec } = model;
  const example = await readExample(model);
  const opened = await openFile(model, example, ports);
  const runtime: ModelRuntime = { ...opened, inputs: nameColumns(opened.inputs, spec.schema) };
  try {
    // What a Python model gives is known from its answers alone, and it has been asked already.
    if (spec.file.format !== 'python' || runtime.outputs.length > 0) checkRowModel(spec, runtime);
    if (spec.file.format !== 'python') await warmUp(runtime, example, spec.file.path);
    return runtime;
  } catch (error) {
    await runtime.close();
    throw error;
  }
}
