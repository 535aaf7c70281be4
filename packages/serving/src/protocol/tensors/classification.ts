import type { CellValue } from '@pawl/core';
import { fault } from '@pawl/core';
import type { NamedTensor } from '../../endpoint/endpoint.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { elementCount, isText } from '../../tensor/tensor.ts';
import { toCell } from '../../tensor/cells.ts';

/**
 * The `count` highest scores of each row as texts `score:index[:label]`, highest first, of equal ones the first
 * (`triton-inference-server/server:docs/protocol/extension_classification.md`).
 * Throws `request_invalid` for an output whose values are no scores.
 */
export function classify({ name, tensor }: NamedTensor, count: number, labels: readonly CellValue[] | null): Tensor {
  if (isText(tensor.data) || tensor.datatype === 'BOOL')
    throw fault('request_invalid', { problem: `Output "${name}" of datatype ${tensor.datatype} has no scores to rank.` });
  const [rows = 1] = tensor.shape;
  const width = elementCount(tensor.shape.slice(1));
  const best = Math.min(count, width);
  const data: string[] = [];
  for (let row = 0; row < rows; row++) {
    const scores = Array.from({ length: width }, (_, index) => Number(toCell(tensor, row * width + index) ?? NaN));
    const order = scores.map((_, index) => index).toSorted((a, b) => rank(scores[b]) - rank(scores[a]) || a - b);
    for (const index of order.slice(0, best)) {
      const label = labels?.length === width ? `:${labels[index]}` : '';
      data.push(`${scores[index]}:${index}${label}`);
    }
  }
  return { datatype: 'BYTES', shape: [rows, best], data };
}

/** NaN is the lowest. */
const rank = (score: number | undefined): number =>
  score === undefined || Number.isNaN(score) ? -Number.MAX_VALUE : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, score));
