import { fault } from '@pawl/core';
import { kindOf } from '../tensor/cells.ts';

/** What a scoring request holds: a table, one tensor, or tensors by name. Values are as JSON had them; nothing is held against a model yet. */
export type Frame = TableFrame | { readonly kind: 'tensor'; readonly data: unknown } | NamedFrame;

export interface TableFrame {
  readonly kind: 'table';
  /** Names of the columns, in order; null: they are known by their place. */
  readonly columns: readonly string[] | null;
  /** By column, then by row; undefined and null: missing. */
  readonly cells: readonly (readonly unknown[])[];
  readonly rows: number;
}

export interface NamedFrame {
  readonly kind: 'tensors';
  readonly data: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;

const invalid = (problem: string) => fault('request_invalid', { problem });

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const isNested = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Names in MLflow's way of writing a list: `['a', 'b']`, cut after twenty. */
export function toNames(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `'${name}'`);
  return `[${shown.join(', ')}${names.length > 20 ? `, … ${names.length - 20} more` : ''}]`;
}

const REQUIRED = `The input must be a JSON dictionary with exactly one of the input fields {'dataframe_records', 'dataframe_split', 'inputs', 'instances'}`;

function toColumns(value: unknown): readonly string[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw invalid('"dataframe_split.columns" must be an array of names.');
  const columns = value.map((name) => (typeof name === 'string' ? name : JSON.stringify(name)));
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw invalid(`"dataframe_split.columns" names '${twice}' twice.`);
  return columns;
}

function fromSplit(value: unknown): TableFrame {
  if (!isFields(value)) throw invalid(`"dataframe_split" must be an object with "data" and "columns", and is ${kindOf(value)}.`);
  const stranger = Object.keys(value).find((key) => key !== 'columns' && key !== 'index' && key !== 'data');
  if (stranger !== undefined) throw invalid(`"dataframe_split" has the field '${stranger}'; it takes columns, index and data.`);
  const { data } = value;
  if (!Array.isArray(data)) throw invalid('"dataframe_split.data" must be an array of rows.');
  const columns = toColumns(value['columns']);
  const width = columns?.length ?? (Array.isArray(data[0]) ? data[0].length : 0);
  const bad = data.findIndex((row) => !Array.isArray(row) || row.length !== width);
  if (bad !== -1) {
    const row: unknown = data[bad];
    const found = Array.isArray(row) ? `${row.length} values` : kindOf(row);
    throw invalid(`Row ${bad} of "dataframe_split.data" has ${found} for ${width} columns.`);
  }
  const rows = data as readonly (readonly unknown[])[];
  return { kind: 'table', columns, cells: Array.from({ length: width }, (_, at) => rows.map((row) => row[at])), rows: rows.length };
}

/** Objects by row as columns, in the order in which they first appear. */
function fromRecords(value: unknown, form: string): TableFrame {
  if (!Array.isArray(value)) throw invalid(`"${form}" must be an array of objects, one a row.`);
  const columns = new Map<string, unknown[]>();
  value.forEach((row: unknown, at) => {
    if (!isFields(row)) throw invalid(`Row ${at} of "${form}" must be an object, and is ${kindOf(row)}.`);
    for (const [name, cell] of Object.entries(row)) {
      let column = columns.get(name);
      if (column === undefined) columns.set(name, (column = Array.from({ length: value.length })));
      column[at] = cell;
    }
  });
  return { kind: 'table', columns: [...columns.keys()], cells: [...columns.values()], rows: value.length };
}

/** TensorFlow's row form: a list of rows, each a value, an array, or an object of named ones. */
function fromInstances(value: unknown): Frame {
  if (!Array.isArray(value)) throw invalid('"instances" must be an array, one element a row.');
  if (value.length === 0) throw invalid('"instances" holds no row.');
  if (!value.some(isFields)) return { kind: 'tensor', data: value };
  const { columns, cells, rows } = fromRecords(value, 'instances');
  const short = cells.findIndex((column) => column.includes(undefined));
  if (short !== -1) throw invalid(`Some row of "instances" has no '${columns?.[short] ?? ''}': all rows must have the same fields.`);
  if (!cells.some((column) => column.some(isNested))) return { kind: 'table', columns, cells, rows };
  return { kind: 'tensors', data: Object.fromEntries((columns ?? []).map((name, at) => [name, cells[at]])) };
}

/** TensorFlow's column form: an array, a value, or an object of named ones. */
function fromInputs(value: unknown): Frame {
  if (value === null || value === undefined) throw invalid('"inputs" is null.');
  if (Array.isArray(value) && value.length > 0 && value.every(isFields)) return fromRecords(value, 'inputs');
  if (!isFields(value)) return { kind: 'tensor', data: Array.isArray(value) ? value : [value] };
  const data = Object.entries(value).map(([name, item]) => [name, Array.isArray(item) ? item : [item]] as const);
  if (data.length === 0) throw invalid('"inputs" names no input.');
  const rows = data[0]?.[1].length ?? 0;
  const odd = data.find(([, item]) => item.length !== rows);
  if (odd !== undefined) throw invalid(`'${odd[0]}' has ${odd[1].length} rows where '${data[0]?.[0] ?? ''}' has ${rows}.`);
  if (data.some(([, item]) => item.some(isNested))) return { kind: 'tensors', data: Object.fromEntries(data) };
  return { kind: 'table', columns: data.map(([name]) => name), cells: data.map(([, item]) => item as readonly unknown[]), rows };
}

export interface Scoring {
  readonly frame: Frame;
  /** What was sent beside the rows; undefined: nothing. */
  readonly params: unknown;
}

/**
 * The body of a scoring request: an object with exactly one of the four forms (`mlflow/mlflow:mlflow/pyfunc/scoring_server/__init__.py`), unknown fields beside it
 * passed by. Throws `request_invalid`.
 */
export function toFrame(root: unknown): Scoring {
  if (Array.isArray(root)) throw invalid(`${REQUIRED}. Received a list.`);
  if (!isFields(root)) throw invalid(`${REQUIRED}. Received ${kindOf(root)}.`);
  const found = FORMS.filter((form) => Object.hasOwn(root, form));
  const [form] = found;
  if (form === undefined || found.length > 1)
    throw invalid(`${REQUIRED}. Received dictionary with input fields: ${toNames(Object.keys(root))}.`);
  if (root['signature_name'] !== undefined) throw invalid("'signature_name' is not supported: a model has one signature.");
  const value = root[form];
  return { frame: readForm(form, value), params: root['params'] };
}

function readForm(form: (typeof FORMS)[number], value: unknown): Frame {
  switch (form) {
    case 'dataframe_split':
      return fromSplit(value);
    case 'dataframe_records':
      return fromRecords(value, form);
    case 'instances':
      return fromInstances(value);
    case 'inputs':
      return fromInputs(value);
  }
}
