import { readFile } from 'node:fs/promises';
import type { Columns, TensorSpec } from '../tensor/tensor.ts';
import type { GraphModel } from './graph/graph-runtime.ts';
import type { ModelRuntime } from './runtime.ts';
import type { OnnxFile } from './onnx/onnx-runtime.ts';
import type { OnnxGraph } from './graph/graph.ts';
import { computeRows, createGraphRuntime, toOutputs } from './graph/graph-runtime.ts';
import { classesOf } from './onnx/classes.ts';
import { compileGraph } from './graph/compile.ts';
import { findDifference } from './graph/parity.ts';
import { loadOnnx } from './onnx/onnx-runtime.ts';
import { probeRows } from './graph/probe-rows.ts';
import { readOnnx } from './graph/onnx-file.ts';
import { toSpec, toValue } from './graph/values.ts';

/** Larger files are not of tables. */
const LARGEST_BYTES = 256 * 1024 * 1024;

/** Operators that are made for missing values: with one of them, rows with NaN must have the same answers too. */
const TAKES_MISSING = new Set(['Imputer', 'IsNaN', 'TreeEnsembleClassifier', 'TreeEnsembleRegressor']);

/** Constants as typed arrays, trees as tables and code, by the size of the file. */
const OVERHEAD = 3;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The graph as a program of ours that has answered once. Throws an Error for what it does not compute. */
async function toGraphModel(graph: OnnxGraph): Promise<GraphModel> {
  const program = compileGraph(graph);
  const inputs = program.inputs.map(toSpec);
  if (inputs.some((input) => input.shape[0] !== -1)) throw new Error('an input has a fixed number of rows');
  const first = probeRows(inputs, program.probes(), { rows: 2, seed: 1, unknown: false, missingOf: 0 });
  const answer = program.run(inputs.map(({ name }) => toValue(first[name] as Columns[string])));
  await program.prepare();
  return { program, inputs, outputs: toOutputs(program, answer) };
}

/** Answers of both engines to one set of rows. A set that both refuse is agreed upon. */
async function compare(model: GraphModel, theirs: ModelRuntime, columns: Columns, rows: number): Promise<string | undefined> {
  const expected = await theirs.run({ rows, columns }).catch(() => undefined);
  let found: Columns | undefined;
  try {
    found = computeRows(model, columns);
  } catch (error) {
    if (expected !== undefined) return `it fails where ONNX Runtime answers (${reasonOf(error)})`;
  }
  if (expected === undefined) return found === undefined ? undefined : 'it answers where ONNX Runtime fails';
  return found === undefined ? undefined : findDifference(model.outputs, found, expected);
}

/** Whether each row's answer is its own: the same alone as among others. */
function dependsOnOthers(model: GraphModel, columns: (rows: number) => Columns): boolean {
  const together = computeRows(model, columns(3));
  const alone = computeRows(model, columns(1));
  return model.outputs.some(({ name }: TensorSpec) => {
    const [all, one] = [together[name], alone[name]];
    return all?.shape[0] !== 3 || one?.shape[0] !== 1 || one.data.some((value, at) => !Object.is(value, all.data[at]));
  });
}

/** Why the program may not serve in ONNX Runtime's place; undefined: it gives the same answers. */
async function findFault(graph: OnnxGraph, model: GraphModel, theirs: ModelRuntime): Promise<string | undefined> {
  const probes = model.program.probes();
  const rows = 192;
  const sets = [
    { rows, seed: 2, unknown: false, missingOf: 0 },
    { rows: 16, seed: 3, unknown: true, missingOf: 0 },
    ...(graph.nodes.some((node) => TAKES_MISSING.has(node.op)) ? [{ rows, seed: 4, unknown: false, missingOf: 6 }] : []),
  ];
  // The first rows of any number are the same: each input has its numbers in turn.
  const one = probeRows(model.inputs, probes, { rows: 3, seed: 5, unknown: false, missingOf: 0 });
  const firstOf = (count: number): Columns =>
    Object.fromEntries(
      Object.entries(one).map(([name, { datatype, shape, data }]) => [
        name,
        { datatype, shape: [count, ...shape.slice(1)], data: data.slice(0, (data.length / 3) * count) },
      ]),
    );
  if (dependsOnOthers(model, firstOf)) return "a row's answer depends on the other rows";
  for (const set of sets) {
    const difference = await compare(model, theirs, probeRows(model.inputs, probes, set), set.rows);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/**
 * Opens an ONNX file in the fastest engine that gives ONNX Runtime's answers: our own when it knows every operator and agrees with ONNX Runtime on
 * generated rows, else ONNX Runtime in a thread of its own. Throws `model_file_invalid` when ONNX Runtime refuses the file.
 */
export async function openOnnx(file: OnnxFile): Promise<ModelRuntime> {
  const theirs = await loadOnnx(file);
  let classes: ModelRuntime['classes'] = null;
  const useTheirs = (reason: string): ModelRuntime => ({ ...theirs, classes, engine: `${theirs.engine} (${reason})` });
  try {
    const bytes = await readFile(file.path);
    if (bytes.length > LARGEST_BYTES) return useTheirs('the file is large');
    const graph = readOnnx(bytes);
    classes = classesOf(graph);
    const model = await toGraphModel(graph);
    const difference = await findFault(graph, model, theirs);
    if (difference !== undefined) return useTheirs(difference);
    await theirs.close();
    return createGraphRuntime({ ...model, classes, bytes: bytes.length * OVERHEAD }, () => loadOnnx(file));
  } catch (error) {
    return useTheirs(reasonOf(error));
  }
}
