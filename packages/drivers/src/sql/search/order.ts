import { createHash } from 'node:crypto';
import { fault } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { Sql } from '../context.ts';
import { toNumber } from './compile.ts';

/** One expression that rows are ordered by. It is never NULL: what may be missing has a rank in a term before it. */
export interface OrderTerm {
  readonly value: RawBuilder<unknown>;
  readonly kind: 'number' | 'text';
  readonly descending: boolean;
}

/** `ORDER BY` of the terms, of which the last makes the order total. */
export function toOrderBy(terms: readonly OrderTerm[]): RawBuilder<unknown> {
  return sql.join(terms.map(({ value, descending }) => (descending ? sql`${value} desc` : sql`${value} asc`)));
}

/** The terms as columns `o0, o1, …`, which `positionOf` reads; `from` is the number of the first. */
export function toOrderColumns(terms: readonly OrderTerm[], from = 0): RawBuilder<unknown> {
  return sql.join(terms.map(({ value }, at) => sql`${value} as ${sql.ref(`o${from + at}`)}`));
}

export function positionOf(row: Readonly<Record<string, unknown>>, terms: readonly OrderTerm[]): readonly (string | number)[] {
  return terms.map((_, at) => row[`o${at}`] as string | number);
}

/** What comes after a position in the order of the terms: keyset, not OFFSET, so that every page costs the same and no row comes twice. */
export function toAfter(engine: Sql['engine'], terms: readonly OrderTerm[], position: readonly (string | number)[]): RawBuilder<SqlBool> {
  const bound = position.map((each) => (typeof each === 'number' ? toNumber(engine, each) : sql`${each}`));
  const beyond = (at: number): RawBuilder<unknown> => {
    const term = terms[at] as OrderTerm;
    const past = sql`${term.value} ${sql.raw(term.descending ? '<' : '>')} ${bound[at]}`;
    return at + 1 === terms.length ? past : sql`(${past} or (${term.value} = ${bound[at]} and ${beyond(at + 1)}))`;
  };
  // The first term alone bounds the scan of an index that the whole condition could not use.
  const first = terms[0] as OrderTerm;
  return sql<SqlBool>`(${first.value} ${sql.raw(first.descending ? '<=' : '>=')} ${bound[0]} and ${beyond(0)})`;
}

/** A token for the next page of this very query; with another it is refused. Numbers go as text: JSON has no infinities. */
export function toToken(query: unknown, terms: readonly OrderTerm[], position: readonly (string | number)[]): string {
  const values = position.map((value, at) => (terms[at]?.kind === 'number' ? String(value) : value));
  return Buffer.from(JSON.stringify([digestOf(query), ...values])).toString('base64url');
}

/** Throws `invalid_cursor` for a token of another query, or what is none. */
export function fromToken(
  query: unknown,
  terms: readonly OrderTerm[],
  token: string | undefined,
): readonly (string | number)[] | undefined {
  if (token === undefined) return undefined;
  const parts = parse(token);
  if (!Array.isArray(parts) || parts.length !== terms.length + 1 || parts[0] !== digestOf(query))
    throw fault('invalid_cursor', { cursor: token });
  return parts.slice(1).map((part: unknown, at) => {
    const value = terms[at]?.kind === 'number' ? Number(part) : part;
    if (typeof part !== 'string' || Number.isNaN(value)) throw fault('invalid_cursor', { cursor: token });
    return value as string | number;
  });
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function digestOf(query: unknown): string {
  return createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 12);
}
