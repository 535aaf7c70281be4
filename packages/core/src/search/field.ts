import type { Comparator, Field, SearchSpec } from './types.ts';
import { excerpt } from './excerpt.ts';
import { unquote } from './lex.ts';

export interface FoundField {
  readonly entity: string;
  readonly key: string;
  /** As it was written, for messages. */
  readonly written: string;
  readonly field: Field;
}

const byKind: Readonly<Record<Field['kind'], readonly Comparator[]>> = {
  number: ['=', '!=', '>', '>=', '<', '<='],
  text: ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'],
  any: ['=', '!=', '>', '>=', '<', '<=', 'LIKE', 'ILIKE', 'RLIKE', 'IN', 'NOT IN'],
};

export function comparatorsOf(field: Field): readonly Comparator[] {
  const own = field.comparators ?? byKind[field.kind];
  return field.nullable === true ? [...own, 'IS NULL', 'IS NOT NULL'] : own;
}

/** Finds `entity.key`, or a bare key of `attribute`. Gives a message where the spec has no such field. */
export function findField(spec: SearchSpec, raw: string, use: 'filters' | 'orders'): FoundField | string {
  const { entity: word, key: written } = split(raw);
  const name = Object.keys(spec).find((each) => each === word || spec[each]?.aliases.includes(word));
  const entity = name === undefined ? undefined : spec[name];
  if (name === undefined || entity === undefined) {
    return use === 'orders'
      ? `Invalid order_by entity type '${excerpt(word)}'`
      : `Invalid entity type '${excerpt(word)}'. Valid values are ${quoted(Object.keys(spec), '[', ']')}`;
  }
  if (isField(entity.fields)) {
    return entity.fields[use] === false ? refused(name, word, use) : { entity: name, key: written, written, field: entity.fields };
  }
  const { fields, prefixed } = entity;
  if (prefixed !== undefined && written.startsWith(prefixed.prefix) && prefixed.field[use] !== false) {
    const key = unquote(written.slice(prefixed.prefix.length));
    if (key !== '') return { entity: name, key: prefixed.prefix + key, written, field: prefixed.field };
  }
  const field = Object.hasOwn(fields, written) ? fields[written] : undefined;
  if (field === undefined || field[use] === false) {
    const valid = Object.keys(fields).filter((key) => fields[key]?.[use] !== false);
    if (valid.length === 0) return refused(name, word, use);
    return use === 'orders' && name === 'attribute'
      ? `Invalid order by key '${excerpt(written)}' specified. Valid keys are ${quoted(valid, '{', '}')}`
      : `Invalid ${name} key '${excerpt(written)}' specified. Valid keys are '${quoted(valid, '{', '}')}'`;
  }
  return { entity: name, key: field.as ?? written, written, field };
}

function refused(name: string, word: string, use: 'filters' | 'orders'): string {
  return use === 'orders' ? `Invalid order_by entity type '${name}'` : `Invalid entity type '${excerpt(word)}'.`;
}

function split(raw: string): { readonly entity: string; readonly key: string } {
  const dot = raw.startsWith('`') || raw.startsWith('"') ? raw.indexOf('.', raw.indexOf(raw[0] ?? '', 1)) : raw.indexOf('.');
  if (dot < 0) return { entity: 'attribute', key: unquote(raw) };
  return { entity: unquote(raw.slice(0, dot)), key: unquote(raw.slice(dot + 1)) };
}

function isField(fields: SearchSpec[string]['fields']): fields is Field {
  return typeof fields['kind'] === 'string';
}

export function quoted(words: readonly string[], open: string, close: string): string {
  return open + words.map((word) => `'${word}'`).join(', ') + close;
}
