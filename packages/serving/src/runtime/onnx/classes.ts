import type { CellValue } from '@pawl/core';
import type { OnnxGraph } from '../graph/graph.ts';

const CLASS_ATTRIBUTES = ['classlabels_int64s', 'classlabels_ints', 'classlabels_strings'];

/**
 * A classifier's classes in the order of its scores: what its last operator that knows classes says, else the constant that the decided class is picked from,
 * as converters write nets and Bayes classifiers. Null where the graph does not tell.
 */
export function classesOf(graph: OnnxGraph): readonly CellValue[] | null {
  for (const { attributes } of graph.nodes.toReversed()) {
    for (const name of CLASS_ATTRIBUTES) {
      const found = attributes.get(name);
      if (found !== undefined && 'values' in found && found.values.length > 1) return found.values;
    }
  }
  for (const { op, inputs } of graph.nodes.toReversed()) {
    const table = op === 'ArrayFeatureExtractor' ? graph.constants.get(inputs[0] ?? '') : undefined;
    if (table !== undefined && table.data.length > 1 && table.shape.length <= 2) return Array.from<CellValue>(table.data);
  }
  return null;
}
