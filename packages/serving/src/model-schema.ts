import type { ColumnType, ModelSchema, SchemaField, SchemaParameter } from '@pawl/core';
import { columnTypes, fault } from '@pawl/core';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (problem: string) => fault('model_package_invalid', { problem: `MLmodel: ${problem}` });

/** A part of the signature: a list that is written as JSON inside the YAML. */
function toList(signature: Fields, key: string): readonly Fields[] {
  const value = signature[key];
  if (value === undefined || value === null) return [];
  let list: unknown = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value);
    } catch {
      throw invalid(`"signature.${key}" is not JSON.`);
    }
  }
  if (!Array.isArray(list) || !list.every(isFields)) throw invalid(`"signature.${key}" must be a list of objects.`);
  return list;
}

const toName = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const toType = (value: unknown): ColumnType | null => columnTypes.find((type) => type === value) ?? null;

function toField(field: Fields): SchemaField {
  const name = toName(field['name']);
  const tensor = field['tensor-spec'];
  if (!isFields(tensor)) return { kind: 'column', name, type: toType(field['type']), required: field['required'] !== false };
  const { dtype, shape } = tensor;
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !shape.every((size) => Number.isInteger(size)))
    throw invalid(`the tensor ${JSON.stringify(name ?? '')} of the signature must have "dtype" and "shape".`);
  return { kind: 'tensor', name, dtype, shape: shape as number[] };
}

function toParameter(field: Fields): SchemaParameter {
  if (typeof field['name'] !== 'string') throw invalid('a parameter of the signature has no "name".');
  return { name: field['name'], type: toType(field['type']), list: Array.isArray(field['shape']), byDefault: field['default'] ?? null };
}

/**
 * The signature under `signature` of an `MLmodel` (https://mlflow.org/docs/latest/ml/model/signatures/); null where there is none. Throws
 * `model_package_invalid` for one that cannot be read: requests could not be held against it.
 */
export function toModelSchema(signature: unknown): ModelSchema | null {
  if (signature === undefined || signature === null) return null;
  if (!isFields(signature)) throw invalid('"signature" must be a mapping.');
  return {
    inputs: toList(signature, 'inputs').map(toField),
    outputs: toList(signature, 'outputs').map(toField),
    params: toList(signature, 'params').map(toParameter),
  };
}
