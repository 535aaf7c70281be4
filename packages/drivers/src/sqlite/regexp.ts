import type { DatabaseSync } from 'node:sqlite';

/** Code of the error for a pattern that RE2 does not take. */
export const BAD_PATTERN = 'ERR_PATTERN';

/** Patterns kept compiled. */
const KEPT = 64;

interface Pattern {
  test(text: string): boolean;
}

/**
 * Gives SQLite the operator that its grammar has and its library has not. Patterns are anybody's and run on the event loop, so the engine is RE2's, whose time is
 * linear in the text; it is loaded when a statement first asks for it.
 */
export function createRegexp(database: () => DatabaseSync): { readonly ready: (sql: string) => Promise<void> | undefined } {
  let loading: Promise<void> | undefined;
  return {
    ready(sql) {
      if (!sql.includes(' regexp ')) return undefined;
      loading ??= define(database());
      return loading;
    },
  };
}

async function define(database: DatabaseSync): Promise<void> {
  const { RE2JS } = await import('re2js');
  const kept = new Map<string, Pattern>();

  function compile(source: string): Pattern {
    let pattern = kept.get(source);
    if (pattern === undefined) {
      try {
        pattern = RE2JS.compile(source);
      } catch (error) {
        throw Object.assign(new Error(`Invalid regular expression '${source}'`, { cause: error }), { code: BAD_PATTERN });
      }
      if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '');
      kept.set(source, pattern);
    }
    return pattern;
  }

  // `x REGEXP y` is regexp(y, x), https://sqlite.org/lang_expr.html#the_like_glob_regexp_match_and_extract_operators
  database.function('regexp', { deterministic: true }, (source, text) =>
    text === null ? null : Number(compile(String(source)).test(String(text))),
  );
}
