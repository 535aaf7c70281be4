import type { SchemaParameter } from '@pawl/core';
import { fault } from '@pawl/core';
import { kindOf } from '../tensor/cells.ts';

const refuse = (name: string, type: string, found: unknown) =>
  fault('schema_mismatch', { problem: `Incompatible types for param '${name}'. Can not safely convert ${kindOf(found)} to ${type}.` });

/** MLflow's conversions of parameters: integers to wider and to fractions, fractions to fractions, texts to times; nothing else. */
function toValue(name: string, value: unknown, { type }: SchemaParameter): unknown {
  switch (type) {
    case 'boolean':
      if (typeof value !== 'boolean') throw refuse(name, type, value);
      return value;
    case 'integer':
    case 'long':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw refuse(name, type, value);
      return value;
    case 'float':
    case 'double':
      if (typeof value !== 'number') throw refuse(name, type, value);
      return value;
    case 'string':
    case 'datetime':
    case 'binary':
      if (typeof value !== 'string') throw refuse(name, type, value);
      return value;
    case null:
      return value;
  }
}

/** Parameters of a call as the signature declares them, defaults filled in; those that it does not know are passed by. Throws `schema_mismatch`. */
export function enforceParams(sent: unknown, schema: readonly SchemaParameter[]): Readonly<Record<string, unknown>> | undefined {
  if (sent !== undefined && sent !== null && (typeof sent !== 'object' || Array.isArray(sent)))
    throw fault('schema_mismatch', { problem: `Parameters must be a dictionary. Got ${kindOf(sent)}.` });
  if (schema.length === 0) return undefined;
  const given = (sent ?? {}) as Readonly<Record<string, unknown>>;
  const entries = schema.map((parameter) => {
    const { name, list, type, byDefault } = parameter;
    const value = given[name];
    if (value === undefined || value === null) return [name, byDefault] as const;
    if (list !== Array.isArray(value)) throw refuse(name, list ? `a list of ${type ?? 'any'}` : (type ?? 'any'), value);
    return [name, Array.isArray(value) ? value.map((item) => toValue(name, item, parameter)) : toValue(name, value, parameter)] as const;
  });
  return Object.fromEntries(entries);
}
