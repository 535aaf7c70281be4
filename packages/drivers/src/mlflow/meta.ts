import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

/** A value of a `meta.yaml`: all of its scalars are text. */
export type MetaValue = string | null | { readonly [key: string]: MetaValue } | readonly MetaValue[];

export type Meta = Readonly<Record<string, MetaValue>>;

/**
 * Reads a `meta.yaml`. Its fields have known types, so no scalar is guessed at: PyYAML writes the name `1e3` and 18-digit numbers without quotes, which other
 * readers take for rounded numbers. Throws an Error with a reason in one line.
 */
export async function readMeta(folder: string): Promise<Meta> {
  let text: string;
  try {
    text = await readFile(join(folder, 'meta.yaml'), 'utf8');
  } catch (error) {
    throw new Error(`its meta.yaml cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause: error });
  }
  const document = parseDocument(text, { schema: 'failsafe', version: '1.1', uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined) throw new Error(`its meta.yaml is broken: ${problem.message.split('\n')[0] ?? ''}`);
  const value = toValue(document.contents);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('its meta.yaml is empty or no mapping');
  return value as Meta;
}

function toValue(node: unknown): MetaValue {
  if (isMap(node)) return Object.fromEntries(node.items.map((item) => [textOf(item.key), toValue(item.value)]));
  if (isSeq(node)) return node.items.map(toValue);
  if (!isScalar(node)) return null;
  const text = textOf(node);
  return node.type === 'PLAIN' && /^(?:null|~|)$/i.test(text) ? null : text;
}

/** Without a schema every scalar is text. */
function textOf(node: unknown): string {
  return isScalar(node) && typeof node.value === 'string' ? node.value : '';
}

/** A field as text; null where it is absent, null or no scalar. */
export function field(meta: Meta, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = meta[name];
    if (typeof value === 'string') return value;
  }
  return null;
}
