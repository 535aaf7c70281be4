import { CompiledQuery } from 'kysely';

const unheard = new WeakSet<CompiledQuery>();

/**
 * A write whose outcome nobody asks for. In a transaction an engine may run it with what comes after it, at last the commit; when it fails, that fails with its error.
 */
export function toUnheard(sql: string, parameters: readonly unknown[]): CompiledQuery {
  const query = CompiledQuery.raw(sql, [...parameters]);
  unheard.add(query);
  return query;
}

export function isUnheard(query: CompiledQuery): boolean {
  return unheard.has(query);
}
