/** Column types of MLflow's signatures (https://mlflow.org/docs/latest/ml/model/signatures/). */
export type ColumnType = 'boolean' | 'integer' | 'long' | 'float' | 'double' | 'string' | 'binary' | 'datetime';

export const columnTypes: readonly ColumnType[] = ['boolean', 'integer', 'long', 'float', 'double', 'string', 'binary', 'datetime'];

/** One column of a table. A type that is nested (an array, an object, a map) is not looked into: `null`. */
export interface SchemaColumn {
  readonly kind: 'column';
  /** Null: columns are known by their place. */
  readonly name: string | null;
  readonly type: ColumnType | null;
  readonly required: boolean;
}

/** One tensor; −1 in its shape is any size. */
export interface SchemaTensor {
  readonly kind: 'tensor';
  /** Null: the only one. */
  readonly name: string | null;
  /** NumPy's name, such as `float32`, `int64`, `str`. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

export type SchemaField = SchemaColumn | SchemaTensor;

/** What may be sent beside the rows, and what it is when it is not. */
export interface SchemaParameter {
  readonly name: string;
  readonly type: ColumnType | null;
  /** A list of values of the type. */
  readonly list: boolean;
  readonly byDefault: unknown;
}

/** A signature as `MLmodel` declares it. */
export interface ModelSchema {
  readonly inputs: readonly SchemaField[];
  readonly outputs: readonly SchemaField[];
  readonly params: readonly SchemaParameter[];
}
