import type { JsonObject, JsonValue } from '@pawl/core';

/** A row condition in words: its own text, or Great Expectations' objects written as one. */
export function toConditionText(condition: JsonValue): string {
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) return String(condition);
  const { type, conditions, column, operator, parameter, is_null, pass_through_filter } = condition as JsonObject;
  if (typeof pass_through_filter === 'string') return pass_through_filter;
  if ((type === 'and' || type === 'or') && Array.isArray(conditions))
    return (conditions as readonly JsonValue[]).map(toPart).join(` ${type} `);
  const name = typeof column === 'object' && column !== null && 'name' in column ? column['name'] : column;
  if (typeof name !== 'string') return JSON.stringify(condition);
  if (type === 'nullity') return `${name} is ${is_null === true ? '' : 'not '}null`;
  return `${name} ${typeof operator === 'string' ? operator.replace('_', ' ').toLowerCase() : ''} ${JSON.stringify(parameter)}`;
}

function toPart(condition: JsonValue): string {
  const text = toConditionText(condition);
  return / (?:and|or) /.test(text) ? `(${text})` : text;
}
