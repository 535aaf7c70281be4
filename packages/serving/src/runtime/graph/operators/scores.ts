/** What becomes of a classifier's or regressor's sums: labels, and ONNX-ML's post transforms. */
import type { Value } from '../graph.ts';
import type { NodeView } from './operator.ts';
import { UnsupportedError } from '../graph.ts';
import { sigmoid } from './unary.ts';

export type PostTransform = 'NONE' | 'SOFTMAX' | 'LOGISTIC' | 'SOFTMAX_ZERO';

/** PROBIT is left to ONNX Runtime, whose erfinv is its own. */
export function toPostTransform(text: string): PostTransform {
  if (text === 'NONE' || text === 'SOFTMAX' || text === 'LOGISTIC' || text === 'SOFTMAX_ZERO') return text;
  throw new UnsupportedError(`post transform ${text}`);
}

/** In place, over the `width` scores of a row. */
export function postTransform(transform: PostTransform, scores: Float64Array, from: number, width: number): void {
  if (transform === 'NONE') return;
  if (transform === 'LOGISTIC') {
    for (let at = from; at < from + width; at++) scores[at] = sigmoid(scores[at] as number);
    return;
  }
  let most = -Infinity;
  for (let at = from; at < from + width; at++) most = Math.max(most, scores[at] as number);
  let total = 0;
  for (let at = from; at < from + width; at++) {
    const score = scores[at] as number;
    // SOFTMAX_ZERO: what is zero stays so, and takes no part.
    const power = transform === 'SOFTMAX_ZERO' && score === 0 ? 0 : Math.exp(score - most);
    scores[at] = power;
    total += power;
  }
  for (let at = from; at < from + width; at++) scores[at] = (scores[at] as number) / total;
}

/** A classifier's labels: texts or integers. */
export type Labels =
  | { readonly kind: 'BYTES'; readonly values: readonly string[] }
  | { readonly kind: 'INT64'; readonly values: readonly number[] };

export function toLabels(node: NodeView, integers: string): Labels {
  const strings = node.strings('classlabels_strings');
  if (strings !== undefined && strings.length > 0) return { kind: 'BYTES', values: strings };
  const values = node.ints(integers);
  if (values === undefined || values.length === 0) throw new UnsupportedError(`${node.op} without labels`);
  return { kind: 'INT64', values };
}

/** The label column: `chosen` gives a row's class. */
export function labelColumn(labels: Labels, chosen: Uint32Array): Value {
  const shape = [chosen.length];
  if (labels.kind === 'BYTES') return { kind: 'BYTES', shape, data: Array.from(chosen, (at) => labels.values[at] as string) };
  const data = new Float64Array(chosen.length);
  for (let row = 0; row < chosen.length; row++) data[row] = labels.values[chosen[row] as number] as number;
  return { kind: 'INT64', shape, data };
}
