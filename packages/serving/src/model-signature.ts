import type { ModelSignature, SignatureField } from '@pawl/core';
import { parse } from 'yaml';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deeper nesting of types than anybody writes. */
const DEPTH = 8;

/**
 * The signature that the text of an `MLmodel` tells: `inputs`, `outputs` and `params`, each a list written as JSON (https://mlflow.org/docs/latest/ml/model/signatures/). Null
 * where there is none, or none that can be read: a version is compared by whatever else it has.
 */
export function toModelSignature(text: string): ModelSignature | null {
  let root: unknown;
  try {
    root = parse(text, { maxAliasCount: 10 });
  } catch {
    return null;
  }
  const signature = isFields(root) ? root['signature'] : undefined;
  if (!isFields(signature)) return null;
  return { inputs: toFields(signature['inputs']), outputs: toFields(signature['outputs']), params: toFields(signature['params']) };
}

function toFields(value: unknown): readonly SignatureField[] {
  let list = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value);
    } catch {
      return [];
    }
  }
  if (!Array.isArray(list)) return [];
  return list.filter(isFields).map((field, at) => {
    const optional = field['required'] === false || 'default' in field ? ' (optional)' : '';
    const unnamed = list.length === 1 ? '' : String(at);
    return { name: typeof field['name'] === 'string' ? field['name'] : unnamed, type: `${toType(field, DEPTH)}${optional}` };
  });
}

function toType(field: Fields, depth: number): string {
  if (depth === 0) return '…';
  const { type, items, properties, values } = field;
  const tensor = field['tensor-spec'];
  if (isFields(tensor)) return `${String(tensor['dtype'])}${JSON.stringify(tensor['shape'] ?? [])}`;
  if (type === 'array' && isFields(items)) return `array<${toType(items, depth - 1)}>`;
  if (type === 'map' && isFields(values)) return `map<${toType(values, depth - 1)}>`;
  if (type === 'object' && isFields(properties)) {
    const inner = Object.entries(properties).map(([name, one]) => `${name}: ${isFields(one) ? toType(one, depth - 1) : '?'}`);
    return `{${inner.join(', ')}}`;
  }
  const shape = Array.isArray(field['shape']) ? JSON.stringify(field['shape']) : '';
  return `${typeof type === 'string' ? type : 'any'}${shape}`;
}
