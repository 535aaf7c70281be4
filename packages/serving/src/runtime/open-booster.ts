import { readFile, stat } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { DeclaredDecision } from '@pawl/core';
import { fault } from '@pawl/core';
import type { Batch, Columns, Tensor, TensorSpec } from '../tensor/tensor.ts';
import type { Booster } from './trees/booster.ts';
import type { Explanation, ModelRuntime } from './runtime.ts';
import type { TreeShap } from './trees/shap.ts';
import type { RowModel } from './in-parts.ts';
import type { TreeSums } from './trees/compile.ts';
import { UnsupportedModelError } from './trees/booster.ts';
import { computeInParts } from './in-parts.ts';
import { createTreeShap } from './trees/shap.ts';
import { createTreeSums } from './trees/compile.ts';
import { readLightgbm } from './trees/lightgbm.ts';
import { readXgboost } from './trees/xgboost.ts';

const LARGEST_BYTES = 512 * 1024 * 1024;
/** Tables of nodes and their code, by the size of the file. */
const OVERHEAD = 2;

export interface BoosterFile {
  readonly path: string;
  /** What it is called in messages: relative to its package. */
  readonly name: string;
}

export type BoosterLibrary = { readonly library: 'lightgbm' } | { readonly library: 'xgboost'; readonly bestOnly: boolean };

function read(bytes: Uint8Array, how: BoosterLibrary): Booster {
  return how.library === 'lightgbm' ? readLightgbm(new TextDecoder().decode(bytes)) : readXgboost(bytes, { bestOnly: how.bestOnly });
}

/** The outputs of a booster: a classifier's decision and probabilities by the names that its package gives them, or values. */
function toOutputs({ output }: Booster, { label, score }: DeclaredDecision): readonly TensorSpec[] {
  if (output.kind === 'value') return [{ name: 'value', datatype: 'FP64', shape: output.targets === 1 ? [-1] : [-1, output.targets] }];
  return [
    { name: label ?? 'label', datatype: 'INT64', shape: [-1] },
    {
      name: score ?? (output.kind === 'binary' ? 'probability' : 'probabilities'),
      datatype: 'FP64',
      shape: output.kind === 'binary' ? [-1] : [-1, output.classes],
    },
  ];
}

/** Contributions of some rows, with turns for others' requests between them. */
async function explain(booster: Booster, shap: TreeShap, input: TensorSpec, { rows, columns }: Batch): Promise<Explanation> {
  const { comparison, targets, features } = booster.ensemble;
  const tensor = columns[input.name];
  if (tensor === undefined) throw new Error(`input "${input.name}" is missing`);
  const data = toRows(tensor, comparison);
  const width = input.shape[1] ?? 1;
  const contributions = new Float64Array(rows * targets * (width + 1));
  for (let row = 0; row < rows; row++) {
    const found = shap.explain(data.subarray(row * width, (row + 1) * width));
    for (let target = 0; target < targets; target++) {
      const to = (row * targets + target) * (width + 1);
      const from = target * (features + 1);
      for (let column = 0; column < features; column++) contributions[to + column] = (found[from + column] as number) / booster.divisor;
      contributions[to + width] = (found[from + features] as number) / booster.divisor + (booster.margins[target] as number);
    }
    await turn();
  }
  return { columns: input.columns ?? [], targets, contributions };
}

/** A booster's `predict` gives its scores; that of XGBoost's scikit-learn classes the class decided. */
function predicted(outputs: readonly TensorSpec[], how: BoosterLibrary): TensorSpec {
  const decides = how.library === 'xgboost' && how.bestOnly;
  return (decides ? outputs[0] : outputs.at(-1)) as TensorSpec;
}

/** Boosters know classes by number alone. */
function toClasses({ output }: Booster): readonly number[] | null {
  if (output.kind === 'value') return null;
  return output.kind === 'binary' ? [0, 1] : Array.from({ length: output.classes }, (_, at) => at);
}

/** Number of the class decided: the more probable of two, the first of the most probable of many. */
function decide(scores: Float64Array, rows: number, width: number): BigInt64Array {
  const labels = new BigInt64Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    if (width === 1) best = (scores[row] as number) > 0.5 ? 1 : 0;
    else for (let at = 1; at < width; at++) if ((scores[row * width + at] as number) > (scores[row * width + best] as number)) best = at;
    labels[row] = BigInt(best);
  }
  return labels;
}

/** The rows as the trees compare them; numbers of another type are converted. */
function toRows(tensor: Tensor, comparison: 'FP32' | 'FP64'): Float32Array | Float64Array {
  const { data } = tensor;
  const numbers = data as Float32Array | Float64Array;
  if (comparison === 'FP32') return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
  return numbers instanceof Float64Array ? numbers : Float64Array.from(numbers);
}

function compute(booster: Booster, sums: TreeSums, outputs: readonly TensorSpec[], input: TensorSpec, batch: Batch): Columns {
  const { targets, comparison, features } = booster.ensemble;
  const tensor = batch.columns[input.name];
  if (tensor === undefined) throw new Error(`input "${input.name}" is missing`);
  const scores = sums.sum(toRows(tensor, comparison), batch.rows, Math.max(features, input.shape[1] ?? 1));
  for (let row = 0; row < batch.rows; row++) booster.finish(scores, row * targets);
  const last = outputs.at(-1) as TensorSpec;
  const answer: Columns = { [last.name]: { datatype: 'FP64', shape: [batch.rows, ...last.shape.slice(1)], data: scores } };
  const [first] = outputs;
  if (outputs.length === 1 || first === undefined) return answer;
  return { [first.name]: { datatype: 'INT64', shape: [batch.rows], data: decide(scores, batch.rows, targets) }, ...answer };
}

/**
 * Opens a model that LightGBM or XGBoost saved: one input, `input`, [rows, columns in the order of training]. Throws `model_file_invalid`.
 */
export async function openBooster(file: BoosterFile, how: BoosterLibrary, names: DeclaredDecision): Promise<ModelRuntime> {
  const invalid = (reason: string, cause?: unknown) => fault('model_file_invalid', { file: file.name, reason }, cause);
  const { size } = await stat(file.path);
  if (size > LARGEST_BYTES) throw invalid(`it is larger than ${LARGEST_BYTES} bytes`);
  let booster: Booster;
  let sums: TreeSums;
  try {
    booster = read(await readFile(file.path), how);
    sums = createTreeSums(booster.ensemble);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(
      error instanceof UnsupportedModelError ? `it has ${reason}, which is not computed here: convert it to ONNX` : reason,
      error,
    );
  }
  await sums.compile();
  const input: TensorSpec = {
    name: 'input',
    datatype: booster.ensemble.comparison,
    shape: [-1, booster.features.length],
    columns: booster.features,
  };
  const outputs = toOutputs(booster, names);
  const parts: RowModel = { inputs: [input], outputs, compute: (batch) => compute(booster, sums, outputs, input, batch) };
  const shap = createTreeShap(booster.ensemble);
  let closed = false;
  return {
    engine: `pawl (${how.library})`,
    inputs: [input],
    outputs,
    classes: toClasses(booster),
    bytes: size * OVERHEAD,
    predicts: { form: 'array', outputs: [predicted(outputs, how).name] },
    open: false,
    gathers: false,
    ...(shap !== undefined && { explain: (batch: Batch) => explain(booster, shap, { ...input, columns: booster.features }, batch) }),
    run: async (batch) => {
      if (closed) throw new Error('the model is closed');
      return computeInParts(parts, batch);
    },
    close: async () => {
      closed = true;
    },
  };
}
