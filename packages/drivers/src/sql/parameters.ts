import { fault } from '@pawl/core';

/** A value that both engines store alike. */
export type Parameter = string | number | bigint | null | Uint8Array;

/**
 * Checks a query's parameter before an engine sees it. Drivers guess at types in ways that write a wrong row without an error: node:sqlite
 * takes an object as named parameters, pg writes objects as JSON, Dates in local time, and `undefined` as NULL.
 * Booleans become 0 and 1. Throws `invalid_input` for text that PostgreSQL cannot store, TypeError for what is our own mistake.
 */
export function toParameter(value: unknown): Parameter {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed())
        throw fault('invalid_input', { where: 'text', problem: 'it holds half of a surrogate pair; send valid Unicode.' });
      if (value.includes('\u0000'))
        throw fault('invalid_input', { where: 'text', problem: 'it holds the character U+0000, which is not stored.' });
      return value;
    case 'number':
      if (!Number.isNaN(value)) return value;
      throw new TypeError('a query parameter may not be NaN, which SQLite turns into NULL');
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new TypeError(`a query parameter may not be ${value === undefined ? 'undefined' : Object.prototype.toString.call(value)}`);
  }
}
