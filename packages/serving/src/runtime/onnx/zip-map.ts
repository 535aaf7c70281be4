/**
 * Classifiers from scikit-learn end in ZipMap, which makes a map a row out of a matrix of scores. Nobody's tensors can hold that, so the matrix is
 * served in its place, under the same name.
 */
import { readFields, toText } from '../graph/protobuf.ts';

export interface Unzipped {
  readonly bytes: Uint8Array;
  /** The graph's outputs in order, each with the tensor that is served for it. */
  readonly outputs: readonly { readonly name: string; readonly source: string }[];
}

/** Field numbers of `onnx/onnx:onnx/onnx-ml.proto`. */
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_OUTPUT = 12;
const FLOAT = 1;
/** Of a node: its inputs, its outputs, its operator. */
const NODE_NAMES = [1, 2, 4];
const OUTPUT_NAMES = [1];

interface Names {
  readonly outputs: readonly string[];
  /** By name of ZipMap's output, that of its input. */
  readonly scores: ReadonlyMap<string, string>;
}

function readNames(bytes: Uint8Array): Names {
  const scores = new Map<string, string>();
  const outputs: string[] = [];
  for (const model of readFields(bytes)) {
    if (model.number !== MODEL_GRAPH) continue;
    for (const part of readFields(model.bytes)) {
      if (part.number !== GRAPH_NODE && part.number !== GRAPH_OUTPUT) continue;
      const names: Record<number, string> = {};
      const wanted = part.number === GRAPH_NODE ? NODE_NAMES : OUTPUT_NAMES;
      for (const field of readFields(part.bytes)) if (wanted.includes(field.number)) names[field.number] ??= toText(field.bytes);
      if (part.number === GRAPH_OUTPUT) outputs.push(names[1] ?? '');
      else if (names[4] === 'ZipMap') scores.set(names[2] ?? '', names[1] ?? '');
    }
  }
  return { outputs, scores };
}

/** A length-delimited field; its contents are under 128 bytes or carry a longer length. */
function field(number: number, contents: Uint8Array): Uint8Array {
  const header = [number * 8 + 2];
  let rest = contents.length;
  while (rest > 127) {
    header.push((rest & 127) | 128);
    rest >>>= 7;
  }
  header.push(rest);
  return Uint8Array.from([...header, ...contents]);
}

/** Makes the scores outputs of the graph. Parts of a message that stand twice in a file are merged, so it is enough to append. */
export function unzip(bytes: Uint8Array): Unzipped {
  const { outputs, scores } = readNames(bytes);
  const type = field(2, field(1, Uint8Array.of(8, FLOAT)));
  const missing = [...new Set(scores.values())].filter((name) => !outputs.includes(name));
  const added = missing.map((name) =>
    field(MODEL_GRAPH, field(GRAPH_OUTPUT, Uint8Array.from([...field(1, new TextEncoder().encode(name)), ...type]))),
  );
  return { bytes: Buffer.concat([bytes, ...added]), outputs: outputs.map((name) => ({ name, source: scores.get(name) ?? name })) };
}
