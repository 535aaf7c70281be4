import type { CellValue, DeclaredDecision } from '@pawl/core';
import type { Columns, Tensor, TensorSpec } from '../tensor/tensor.ts';
import { toCell } from '../tensor/cells.ts';
import { elementCount } from '../tensor/tensor.ts';

/** How a model's outputs decide between two classes: gates, rollouts and monitors compare what it says. */
export interface Decision {
  /** Output with the class decided; null: a score above one half decides. */
  readonly label: string | null;
  /** Output with the probability of the positive class; null: there is none. */
  readonly score: string | null;
  /** Which of a row's scores; null: the only one, or the second of two. */
  readonly column: number | null;
  /** The class that counts as positive. */
  readonly positive: CellValue;
}

/** Why a model does not decide between two classes. */
export interface NoDecision {
  readonly reason: string;
}

export interface Outputs {
  readonly outputs: readonly TensorSpec[];
  /** A classifier's classes in the order of its scores, where the model tells them. */
  readonly classes: readonly CellValue[] | null;
}

/** Names that converters and servers give the two outputs of a classifier: skl2onnx, onnxmltools, XGBoost and LightGBM exports, MLServer. */
const LABEL_NAMES = ['label', 'output_label', 'predict', 'class', 'prediction'];
const SCORE_NAMES = ['probability', 'probabilities', 'output_probability', 'predict_proba', 'scores', 'score'];

/** Numbers a row; −1: the graph leaves it open. */
const widthOf = ({ shape }: TensorSpec): number => (shape.slice(1).includes(-1) ? -1 : elementCount(shape.slice(1)));

const isFraction = ({ datatype }: TensorSpec): boolean => datatype === 'FP32' || datatype === 'FP64' || datatype === 'FP16';

/** The output declared, else the first of usual names, else the only one that fits. */
function find(outputs: readonly TensorSpec[], declared: string | null, names: readonly string[]): TensorSpec | undefined {
  if (declared !== null) return outputs.find(({ name }) => name === declared);
  for (const name of names) {
    const found = outputs.find((output) => output.name === name);
    if (found !== undefined) return found;
  }
  return outputs.length === 1 ? outputs[0] : undefined;
}

/** Same class, however it is written: true is 1, and 1 is "1". */
function sameClass(a: CellValue, b: CellValue): boolean {
  const text = (value: CellValue): string => String(typeof value === 'boolean' ? Number(value) : value);
  return text(a) === text(b);
}

/** The decision that a package declares, or that its outputs show by their names, types and classes. */
export function toDecision(declared: DeclaredDecision, { outputs, classes }: Outputs): Decision | NoDecision {
  const label = find(
    outputs.filter((output) => declared.label !== null || (!isFraction(output) && Math.abs(widthOf(output)) === 1)),
    declared.label,
    LABEL_NAMES,
  );
  const score = find(
    outputs.filter((output) => output !== label && isFraction(output)),
    declared.score,
    SCORE_NAMES,
  );
  // Numbers without a label may be anything: only a name makes a score of them.
  const named = declared.score !== null || SCORE_NAMES.includes(score?.name ?? '');
  if (label === undefined && (score === undefined || !named))
    return {
      reason: `no output of it is known to be a label or a probability (it has ${outputs.map(({ name }) => name).join(', ')}); name them in MLmodel under metadata.pawl: label_output, positive_output.`,
    };
  const positive =
    declared.positive ?? (classes === null ? defaultPositive(label) : classes.length === 2 ? (classes[1] as CellValue) : null);
  if (positive === null)
    return {
      reason:
        classes === null
          ? 'its labels are texts; name the one that counts as positive in MLmodel under metadata.pawl: positive_class.'
          : `it has ${classes.length} classes; to judge it by one of them, name that in MLmodel under metadata.pawl: positive_class.`,
    };
  const place = classes?.findIndex((name) => sameClass(name, positive)) ?? -1;
  if (classes !== null && place === -1)
    return { reason: `positive_class ${JSON.stringify(positive)} is none of its classes (${classes.slice(0, 20).join(', ')}).` };
  const width = score === undefined ? 0 : widthOf(score);
  return {
    label: label?.name ?? null,
    score: score?.name ?? null,
    column: width === 1 || place === -1 ? null : place,
    positive,
  };
}

/** Of classes that nobody tells: numbers are 0 and 1. */
function defaultPositive(label: TensorSpec | undefined): CellValue {
  return label?.datatype === 'BYTES' ? null : 1;
}

function scoreAt(tensor: Tensor | undefined, column: number | null, row: number): number | null {
  const width = tensor === undefined ? 0 : elementCount(tensor.shape.slice(1));
  if (tensor === undefined || width === 0) return null;
  const place = width === 1 ? 0 : (column ?? (width === 2 ? 1 : -1));
  const value = place < 0 || place >= width ? null : toCell(tensor, row * width + place);
  return typeof value === 'number' ? value : null;
}

export interface Decided {
  /** Whether the positive class was decided; null where the outputs do not say. */
  readonly label: boolean | null;
  /** Probability of the positive class, where there is one. */
  readonly score: number | null;
}

/** What a row of outputs decided. */
export function readDecision(decision: Decision, outputs: Columns, row: number): Decided {
  const score = decision.score === null ? null : scoreAt(outputs[decision.score], decision.column, row);
  if (decision.label === null) return { label: score === null ? null : score > 0.5, score };
  const tensor = outputs[decision.label];
  const cell = tensor === undefined ? null : toCell(tensor, row);
  if (cell === null) return { label: null, score };
  // Numbers other than 0 are a yes where the classes are 0 and 1.
  const isYes = decision.positive === 1 && typeof cell === 'number' ? cell !== 0 : sameClass(cell, decision.positive);
  return { label: isYes, score };
}
