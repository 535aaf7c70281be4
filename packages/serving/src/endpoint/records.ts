import type { Assignment, CellValue, EndpointRoute, PredictionRecord } from '@pawl/core';
import type { Columns, Tensor } from '../tensor/tensor.ts';
import { elementCount } from '../tensor/tensor.ts';
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
}

interface RecordedColumn {
  readonly name: string;
  readonly tensor: Tensor;
  readonly width: number;
}

function recordedColumns(columns: Columns, rows: number): readonly RecordedColumn[] {
  return Object.entries(columns)
    .map(([name, tensor]) => ({ name, tensor, width: elementCount(tensor.shape.slice(1)) }))
    .filter(({ tensor, width }) => tensor.shape[0] === rows && width <= WIDEST_COLUMN);
}

/** One row of columns; the elements of a column wider than one value are named `name[0]`, `name[1]`, … */
function toRow(columns: readonly RecordedColumn[], row: number): Readonly<Record<string, CellValue>> {
  const cells: Record<string, CellValue> = {};
  for (const { name, tensor, width } of columns) {
    if (width === 1) cells[name] = toCell(tensor, row);
    else for (let index = 0; index < width; index++) cells[`${name}[${index}]`] = toCell(tensor, row * width + index);
  }
  return cells;
}

/** One record a row; a request that failed before its rows were known gives one. */
export function toRecords(answered: Answered): readonly PredictionRecord[] {
  const { route, assignment, pinned, rows } = answered;
  const inputs = recordedColumns(answered.inputs, rows);
  const outputs = recordedColumns(answered.outputs, rows);
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
    inputs: toRow(inputs, row),
    outputs: toRow(outputs, row),
  }));
}
