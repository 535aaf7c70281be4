import type { Kernel } from './operator.ts';
import type { GraphNode } from '../graph.ts';
import { UnsupportedError } from '../graph.ts';
import { arithmetic } from './arithmetic.ts';
import { cast } from './cast.ts';
import { columns } from './scale.ts';
import { encoders } from './encode.ts';
import { layout } from './layout.ts';
import { linearModels } from './linear.ts';
import { matrix } from './matrix.ts';
import { toNodeView, unaryKernel } from './operator.ts';
import type { Operator } from './operator.ts';
import { reductions } from './reduce.ts';
import { treeModels } from './trees.ts';
import { unary } from './unary.ts';

/** A sequence of maps from label to score is served as what it is made from, [N, C]. */
const zipMap: Operator = () => unaryKernel((value) => value);

const operators: Readonly<Record<string, Readonly<Record<string, Operator>>>> = {
  '': { ...arithmetic, ...unary, ...cast, ...reductions, ...layout, ...matrix },
  'ai.onnx.ml': { ...columns, ...encoders, ...linearModels, ...treeModels, ZipMap: zipMap },
};

/** A node made ready to run. Throws `UnsupportedError` for an operator, a version or an attribute that is left to ONNX Runtime. */
export function toKernel(node: GraphNode): Kernel {
  const table = operators[node.domain];
  const operator = table !== undefined && Object.hasOwn(table, node.op) ? table[node.op] : undefined;
  if (operator === undefined) throw new UnsupportedError(`operator ${node.domain === '' ? '' : `${node.domain}.`}${node.op}`);
  return operator(toNodeView(node));
}
