/** Logical types and the names people know them by: DuckDB's, SQL's, Arrow's, NumPy's and pandas', MLflow's. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  int8: ['tinyint', 'int1', 'byte'],
  int16: ['smallint', 'int2', 'short'],
  int32: ['integer', 'int', 'int4', 'signed'],
  int64: ['bigint', 'long', 'numpy.int64'],
  int128: ['hugeint'],
  uint8: ['utinyint'],
  uint16: ['usmallint'],
  uint32: ['uinteger'],
  uint64: ['ubigint'],
  float32: ['float', 'float4', 'real'],
  float64: ['double', 'float8', 'double precision', 'numpy.float64'],
  bool: ['boolean', 'logical', 'bool_'],
  string: ['varchar', 'text', 'char', 'bpchar', 'str', 'object', 'utf8', 'large_string'],
  binary: ['blob', 'bytea', 'varbinary', 'bytes'],
  date: ['date32'],
  timestamp: ['datetime', 'timestamp_us', 'datetime64[us]'],
  timestamp_ns: ['datetime64[ns]'],
  timestamp_ms: ['datetime64[ms]'],
  timestamp_s: ['datetime64[s]'],
  timestamptz: ['timestamp with time zone', 'datetimetz'],
  decimal: ['numeric'],
};

const logical: ReadonlyMap<string, string> = new Map(
  Object.entries(aliases).flatMap(([name, others]) => [name, ...others].map((alias) => [alias, name])),
);

/** Whether a name of a type means this DuckDB type. Any alias of the same logical type does; `decimal` without a precision means every decimal; widths must agree. */
export function isTypeNamed(type: string, name: string): boolean {
  const wanted = name.trim().toLowerCase();
  const found = type.trim().toLowerCase();
  if (found === wanted) return true;
  const family = logical.get(wanted);
  return family !== undefined && (family === logical.get(found) || (family === 'decimal' && found.startsWith('decimal(')));
}
