import type { Value } from '../graph.ts';
import type { NodeView, Operator } from './operator.ts';
import { UnsupportedError } from '../graph.ts';
import { asRows, given, numbers } from './operator.ts';
import { labelColumn, postTransform, toLabels, toPostTransform } from './scores.ts';
import { sigmoid } from './unary.ts';

interface Linear {
  /** [outputs, features], row-major. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  readonly outputs: number;
  readonly features: number;
}

function toLinear(node: NodeView, outputs: number): Linear {
  const coefficients = Float64Array.from(node.floats('coefficients') ?? []);
  const intercepts = node.floats('intercepts') ?? [];
  const features = coefficients.length / outputs;
  if (!Number.isInteger(features) || features === 0 || (intercepts.length !== 0 && intercepts.length !== outputs))
    throw new UnsupportedError(`${node.op}: its coefficients do not fit its outputs`);
  return { coefficients, intercepts: Float64Array.from({ length: outputs }, (_, at) => intercepts[at] ?? 0), outputs, features };
}

/** Scores [rows, outputs]. */
function apply({ coefficients, intercepts, outputs, features }: Linear, value: Value): Float64Array {
  const { rows, width } = asRows(value);
  if (width !== features) throw new Error(`the linear model takes ${features} columns and meets ${width}`);
  const from = numbers(value);
  const scores = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    const start = row * features;
    for (let output = 0; output < outputs; output++) {
      let sum = intercepts[output] as number;
      const weights = output * features;
      for (let column = 0; column < features; column++)
        sum += (coefficients[weights + column] as number) * (from[start + column] as number);
      scores[row * outputs + output] = sum;
    }
  }
  return scores;
}

const regressor: Operator = (node) => {
  const targets = node.int('targets', 1);
  const transform = toPostTransform(node.string('post_transform', 'NONE'));
  const linear = toLinear(node, targets);
  return {
    run: ([input]) => {
      const scores = apply(linear, given(input, 0));
      const rows = scores.length / targets;
      for (let row = 0; row < rows; row++) postTransform(transform, scores, row * targets, targets);
      return [{ kind: 'FP32', shape: [rows, targets], data: Float32Array.from(scores) }];
    },
  };
};

const classifier: Operator = (node) => {
  const labels = toLabels(node, 'classlabels_ints');
  const classes = labels.values.length;
  const transform = toPostTransform(node.string('post_transform', 'NONE'));
  const outputs = (node.floats('intercepts') ?? []).length || classes;
  // Two labels and one row of coefficients: the second class is s, the first what is left.
  const single = classes === 2 && outputs === 1;
  if (!single && outputs !== classes) throw new UnsupportedError('LinearClassifier with more labels than rows of coefficients, or fewer');
  if (single && transform !== 'NONE' && transform !== 'LOGISTIC')
    throw new UnsupportedError(`LinearClassifier of one row with ${transform}`);
  const linear = toLinear(node, outputs);
  return {
    run: ([input]) => {
      const sums = apply(linear, given(input, 0));
      const rows = sums.length / outputs;
      const chosen = new Uint32Array(rows);
      const data = new Float32Array(rows * classes);
      for (let row = 0; row < rows; row++) {
        if (single) {
          const sum = sums[row] as number;
          chosen[row] = sum > 0 ? 1 : 0;
          data[row * 2] = transform === 'LOGISTIC' ? sigmoid(-sum) : 1 - sum;
          data[row * 2 + 1] = transform === 'LOGISTIC' ? sigmoid(sum) : sum;
          continue;
        }
        const start = row * classes;
        let best = 0;
        for (let at = 1; at < classes; at++) if ((sums[start + at] as number) > (sums[start + best] as number)) best = at;
        chosen[row] = best;
        postTransform(transform, sums, start, classes);
        for (let at = start; at < start + classes; at++) data[at] = sums[at] as number;
      }
      return [labelColumn(labels, chosen), { kind: 'FP32', shape: [rows, classes], data }];
    },
  };
};

export const linearModels: Readonly<Record<string, Operator>> = { LinearClassifier: classifier, LinearRegressor: regressor };
