import type { Assignment, CellValue, EndpointRoute, PredictionRecord } from '@pawl/core';
import type { Columns, Tensor, TensorSpec } from '../tensor/tensor.ts';
import type { LoadedModel } from './loaded-model.ts';
import { elementCount } from '../tensor/tensor.ts';
import { readDecision } from './decision.ts';
import { toCell } from '../tensor/cells.ts';

/** Elements of one column that a record holds; wider ones (images, embeddings) are left out. */
const WIDEST_COLUMN = 1024;

/** What is known of one answered request. */
export interface Answered {
  readonly predictionId: string;
  readonly requestId: string | null;
  readonly route: EndpointRoute;
  readonly assignment: Assignment;
  /** Whether the client named the version: then the request is no evidence for a rollout. */
  readonly pinned: boolean;
  readonly time: number;
  readonly latencyMs: number;
  readonly code: string;
  readonly rows: number;
  readonly inputs: Columns;
  readonly outputs: Columns;
  /** Whose decision is read, and whose columns have names. */
  readonly model: Pick<LoadedModel, 'decision' | 'inputs'>;
}

interface RecordedColumn {
  readonly name: string;
  readonly tensor: Tensor;
  readonly width: number;
  /** What each of a row's values is called. */
  readonly names: readonly string[] | undefined;
}

function recordedColumns(columns: Columns, rows: number, specs: readonly TensorSpec[]): readonly RecordedColumn[] {
  return Object.entries(columns)
    .map(([name, tensor]) => {
      const width = elementCount(tensor.shape.slice(1));
      const names = specs.find((spec) => spec.name === name)?.columns;
      return { name, tensor, width, names: names?.length === width ? names : undefined };
    })
    .filter(({ tensor, width }) => tensor.shape[0] === rows && width <= WIDEST_COLUMN);
}

/** One row of columns; the elements of a column wider than one value have the names of the model's columns, or are named `name[0]`, `name[1]`, … */
function toRow(columns: readonly RecordedColumn[], row: number): Readonly<Record<string, CellValue>> {
  const cells: Record<string, CellValue> = {};
  for (const { name, tensor, width, names } of columns) {
    if (width === 1) cells[names?.[0] ?? name] = toCell(tensor, row);
    else for (let index = 0; index < width; index++) cells[names?.[index] ?? `${name}[${index}]`] = toCell(tensor, row * width + index);
  }
  return cells;
}

/** One record a row; a request that failed before its rows were known gives one. */
export function toRecords(answered: Answered): readonly PredictionRecord[] {
  const { route, assignment, pinned, rows } = answered;
  const { decision } = answered.model;
  const inputs = recordedColumns(answered.inputs, rows, answered.model.inputs);
  const outputs = recordedColumns(answered.outputs, rows, []);
  return Array.from({ length: Math.max(1, rows) }, (_, row) => ({
    id: answered.predictionId,
    row,
    endpoint: route.endpoint,
    model: route.model,
    version: assignment.arm.version,
    rollout: pinned ? null : route.rollout,
    arm: assignment.arm.name,
    candidateWeight: assignment.candidateWeight,
    keyHash: assignment.keyHash,
    requestId: answered.requestId,
    time: answered.time,
    latencyMs: answered.latencyMs,
    code: answered.code,
    decided: answered.code !== 'ok' || decision === undefined ? null : readDecision(decision, answered.outputs, row).label,
    inputs: toRow(inputs, row),
    outputs: toRow(outputs, row),
  }));
}
