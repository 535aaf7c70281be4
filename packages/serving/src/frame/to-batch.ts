import type { CellValue, ColumnType, ModelSchema, SchemaColumn } from '@pawl/core';
import { fault } from '@pawl/core';
import type { Frame, TableFrame } from './frame.ts';
import type { Batch, Datatype, Tensor, TensorSpec } from '../tensor/tensor.ts';
import { arrayOf, elementCount } from '../tensor/tensor.ts';
import { fromTable, isColumn } from '../endpoint/table.ts';
import { enforceColumn } from './enforce.ts';
import { fillNumbers, fromCell, kindOf } from '../tensor/cells.ts';
import { toNames } from './frame.ts';

/** What a frame is held against. */
export interface FrameTarget {
  readonly inputs: readonly TensorSpec[];
  readonly schema: ModelSchema | null;
  /** Whether a model takes whatever columns it is given, since nobody declared any. */
  readonly open: boolean;
}

export interface FrameOptions {
  readonly maxRows: number;
  /** Whether all cells are texts, of which numbers are read. */
  readonly isText: boolean;
}

const mismatch = (problem: string) => fault('schema_mismatch', { problem });

const typesOf: Readonly<Partial<Record<Datatype, ColumnType>>> = {
  BOOL: 'boolean',
  FP32: 'float',
  FP64: 'double',
  FP16: 'float',
  BYTES: 'string',
  INT32: 'integer',
};

const typeOf = (datatype: Datatype): ColumnType => typesOf[datatype] ?? 'long';

/** A frame as a table of `width` columns where it can be seen as one: rows of plain values, or columns of them. */
function toTable(frame: Frame, width: number): TableFrame {
  if (frame.kind === 'table') return frame;
  if (frame.kind === 'tensors') {
    const columns = Object.entries(frame.data) as [string, readonly unknown[]][];
    return {
      kind: 'table',
      columns: columns.map(([name]) => name),
      cells: columns.map(([, cells]) => cells),
      rows: columns[0]?.[1].length ?? 0,
    };
  }
  const rows = Array.isArray(frame.data) ? (frame.data as readonly unknown[]) : [frame.data];
  const nested = rows.map((row) => (Array.isArray(row) ? (row as readonly unknown[]) : [row]));
  // A list of values is a column for a model of one, and a row for a model of as many.
  const lying = !Array.isArray(rows[0]) && width > 1 && rows.length === width ? [rows] : nested;
  const count = lying[0]?.length ?? 0;
  const odd = lying.findIndex((row) => row.length !== count);
  if (odd !== -1) throw mismatch(`Row ${odd} has ${lying[odd]?.length ?? 0} values where the first has ${count}.`);
  return { kind: 'table', columns: null, cells: Array.from({ length: count }, (_, at) => lying.map((row) => row[at])), rows: lying.length };
}

interface WantedColumn {
  readonly name: string;
  readonly type: ColumnType | null;
  readonly required: boolean;
}

/** Columns that requests send: those of the signature that are not looked up, and keys that the signature does not know. */
function wantedColumns({ inputs, schema }: FrameTarget): { readonly columns: readonly WantedColumn[]; readonly named: boolean } {
  const declared = (schema?.inputs ?? []).filter((field): field is SchemaColumn => field.kind === 'column');
  const ours = inputs.flatMap((input) =>
    (input.columns ?? [input.name]).map((name) => ({ name, type: typeOf(input.datatype), required: true })),
  );
  if (declared.length === 0) return { columns: ours, named: true };
  if (declared.some((field) => field.name === null))
    return { columns: declared.map(({ type, required }, at) => ({ name: String(at), type, required })), named: false };
  const names = new Set(ours.map(({ name }) => name));
  const isKnown = declared.some((field) => names.has(field.name ?? ''));
  const sent = declared.filter((field) => !isKnown || names.has(field.name ?? '')) as readonly (SchemaColumn & { readonly name: string })[];
  const known = new Set(sent.map(({ name }) => name));
  return { columns: [...sent, ...(isKnown ? ours.filter(({ name }) => !known.has(name)) : [])], named: true };
}

function pickColumns(table: TableFrame, target: FrameTarget, isText: boolean): Readonly<Record<string, readonly CellValue[]>> {
  const { columns, named } = wantedColumns(target);
  const byName = named && table.columns !== null;
  // Without names on either side, place decides; an unnamed table for a named signature is taken by place when the numbers agree.
  if (!byName && (table.cells.length < columns.length || (named && table.cells.length !== columns.length)))
    throw mismatch(
      `Model inference is missing inputs: the model takes ${columns.length} columns, and the request has ${table.cells.length}${named ? ' without names' : ''}.`,
    );
  const places = new Map(table.columns?.map((name, at) => [name, at]));
  const missing = columns.filter(({ name, required }) => byName && required && !places.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    const known = new Set(columns.map(({ name }) => name));
    const extra = (table.columns ?? []).filter((name) => !known.has(name));
    throw mismatch(
      `Model is missing inputs ${toNames(missing)}.${extra.length === 0 ? '' : ` Note that there were extra inputs: ${toNames(extra)}.`}`,
    );
  }
  const picked = columns.map(({ name, type }, at) => {
    const place = byName ? places.get(name) : at;
    const cells = place === undefined ? Array.from({ length: table.rows }) : (table.cells[place] as readonly unknown[]);
    return [name, enforceColumn(byName || !named ? name : `${name} (${at})`, cells, { type, isText }) as readonly CellValue[]] as const;
  });
  return Object.fromEntries(picked);
}

/** Elements of a nested array in order, and its shape; all arrays of one depth must be of one length. */
function flatten(name: string, data: unknown): { readonly shape: readonly number[]; readonly elements: readonly unknown[] } {
  const shape: number[] = [];
  let level: readonly unknown[] = [data];
  while (Array.isArray(level[0])) {
    const size = level[0].length;
    const next: unknown[] = [];
    for (const part of level) {
      if (!Array.isArray(part) || part.length !== size)
        throw mismatch(`Input '${name}' is no tensor: its arrays are not all of one length.`);
      for (const item of part) next.push(item);
    }
    shape.push(size);
    if (shape.length > 8) throw mismatch(`Input '${name}' has more than 8 dimensions.`);
    level = next;
  }
  const stray = level.findIndex((item) => Array.isArray(item) || (typeof item === 'object' && item !== null));
  if (stray !== -1) throw mismatch(`Input '${name}' is no tensor: element ${stray} is ${kindOf(level[stray])}.`);
  return { shape, elements: level };
}

/** A nested array as the tensor that an input takes. */
function toTensor(input: TensorSpec, data: unknown): Tensor {
  const { name, datatype } = input;
  const { shape: found, elements } = flatten(name, data);
  const inner = input.shape.slice(1);
  const fits = found.length === input.shape.length && inner.every((size, axis) => size === -1 || size === found[axis + 1]);
  const asColumn = !fits && isColumn(input) && elementCount(found.slice(1)) === 1;
  if (!fits && !asColumn)
    throw mismatch(`Shape of input '${name}' (${found.join(', ')}) does not match the expected shape (${input.shape.join(', ')}).`);
  const shape = asColumn ? [found[0] ?? 1, ...inner] : found;
  const typed = enforceColumn(name, elements, { type: typeOf(datatype), isText: false });
  if (datatype === 'BYTES') return { datatype, shape, data: typed.map((cell) => (cell ?? '') as string) };
  const numbers = new (arrayOf(datatype))(typed.length);
  const bad = fillNumbers(numbers, (at) => fromCell(datatype, typed[at]));
  if (bad !== undefined) throw mismatch(`Element ${bad} of input '${name}' cannot be ${datatype}.`);
  return { datatype, shape, data: numbers };
}

/** A column of which nobody said what it is. */
function guessTensor(cells: readonly unknown[]): Tensor {
  const shape = [cells.length];
  const present = cells.filter((cell) => cell !== null && cell !== undefined);
  if (present.length > 0 && present.every((cell) => typeof cell === 'string'))
    return { datatype: 'BYTES', shape, data: cells.map((cell) => (cell ?? '') as string), ...missingOf(cells) };
  if (present.length === cells.length && cells.every((cell) => typeof cell === 'boolean'))
    return { datatype: 'BOOL', shape, data: Uint8Array.from(cells, Number) };
  if (present.length === cells.length && cells.every((cell) => Number.isSafeInteger(cell) || typeof cell === 'bigint'))
    return { datatype: 'INT64', shape, data: BigInt64Array.from(cells as (number | bigint)[], BigInt) };
  return {
    datatype: 'FP64',
    shape,
    data: Float64Array.from(enforceColumn('', cells, { type: 'double', isText: false }), (cell) => (cell === null ? NaN : Number(cell))),
  };
}

function missingOf(cells: readonly unknown[]): { readonly missing?: readonly boolean[] } {
  const missing = cells.map((cell) => cell === null || cell === undefined);
  return missing.includes(true) ? { missing } : {};
}

function fromNamed(frame: Extract<Frame, { kind: 'tensors' | 'tensor' }>, { inputs }: FrameTarget): Readonly<Record<string, Tensor>> {
  const [only] = inputs;
  if (frame.kind === 'tensor') {
    if (inputs.length !== 1 || only === undefined)
      throw mismatch(
        `The model takes ${inputs.length} inputs, and one without a name was sent; name them: ${toNames(inputs.map(({ name }) => name))}.`,
      );
    return { [only.name]: toTensor(only, frame.data) };
  }
  const missing = inputs.filter(({ name }) => !Object.hasOwn(frame.data, name)).map(({ name }) => name);
  if (missing.length > 0) throw mismatch(`Model is missing inputs ${toNames(missing)}.`);
  return Object.fromEntries(inputs.map((input) => [input.name, toTensor(input, frame.data[input.name])]));
}

/** Whether a frame is read as tensors, not as a table: the model takes tensors, and it holds more than plain values, or one tensor for its one input. */
function isTensors(frame: Frame, target: FrameTarget): frame is Extract<Frame, { kind: 'tensors' | 'tensor' }> {
  if (frame.kind === 'table' || target.schema?.inputs.some(({ kind }) => kind === 'column') === true) return false;
  if (frame.kind === 'tensors') return true;
  return target.inputs.length === 1;
}

/**
 * The tensors of a model's inputs out of a scoring request, held against the model's signature. Throws `schema_mismatch` for what does not fit it,
 * `column_missing`, `tensor_invalid`.
 */
export function toBatch(frame: Frame, target: FrameTarget, { maxRows, isText }: FrameOptions): Batch {
  if (isTensors(frame, target) && !target.open) {
    const columns = fromNamed(frame, target);
    const counts = Object.values(columns).map(({ shape }) => shape[0] ?? 0);
    if (counts.some((count) => count !== counts[0])) throw mismatch('The inputs do not have the same number of rows.');
    return { rows: checkRows(counts[0] ?? 0, maxRows), columns };
  }
  const width = wantedColumns(target).columns.length;
  const table = toTable(frame, width);
  const rows = checkRows(table.rows, maxRows);
  if (target.open) {
    const names = table.columns ?? table.cells.map((_, at) => String(at));
    return { rows, columns: Object.fromEntries(names.map((name, at) => [name, guessTensor(table.cells[at] as readonly unknown[])])) };
  }
  const [only] = target.inputs;
  const matrix =
    target.inputs.length === 1 && only !== undefined && only.shape.length === 2 && only.columns === undefined && !isColumn(only)
      ? only
      : undefined;
  if (matrix === undefined)
    return { rows, columns: fromTable(target.inputs, byInputs(pickColumns(table, target, isText), target), 0, rows, 'The request') };
  // Nobody named the matrix's columns: the table's own order is all there is.
  const hasSchema = target.schema?.inputs.some(({ kind }) => kind === 'column') === true;
  const cells = hasSchema
    ? Object.values(pickColumns(table, target, isText))
    : table.cells.map(
        (column, at) =>
          enforceColumn(table.columns?.[at] ?? String(at), column, { type: typeOf(matrix.datatype), isText }) as readonly CellValue[],
      );
  if (matrix.shape[1] !== -1 && matrix.shape[1] !== cells.length)
    throw mismatch(`The model takes ${matrix.shape[1] ?? 0} columns, and the request has ${cells.length}.`);
  const names = cells.map((_, at) => String(at));
  return {
    rows,
    columns: fromTable(
      [{ ...matrix, columns: names }],
      Object.fromEntries(cells.map((column, at) => [String(at), column])),
      0,
      rows,
      'The request',
    ),
  };
}

/** Columns known by their place get the names of the model's inputs. */
function byInputs(
  table: Readonly<Record<string, readonly CellValue[]>>,
  { inputs, schema }: FrameTarget,
): Readonly<Record<string, readonly CellValue[]>> {
  if (schema?.inputs.some((field) => field.kind === 'column' && field.name === null) !== true) return table;
  const names = inputs.flatMap((input) => input.columns ?? [input.name]);
  return Object.fromEntries(names.map((name, at) => [name, table[String(at)] ?? []]));
}

function checkRows(rows: number, most: number): number {
  if (rows === 0) throw mismatch('The request holds no row.');
  if (rows > most) throw mismatch(`The request holds ${rows} rows; at most ${most} are taken at once.`);
  return rows;
}
