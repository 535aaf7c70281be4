import { isUtf8 } from 'node:buffer';
import { fault } from '@pawl/core';

const invalid = (problem: string) => fault('request_invalid', { problem });

/** Python's json.dumps writes NaN and infinities as bare tokens. */
const BARE = /-?Infinity|NaN/y;
const named: Readonly<Record<string, string>> = { NaN: '"NaN"', Infinity: '"Infinity"', '-Infinity': '"-Infinity"' };

/** The text with those tokens, outside strings, turned into the strings that this protocol takes for them. */
function quoteBareNumbers(text: string): string {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === '"') quoted = !quoted;
    else if (quoted && char === '\\') index += 1;
    else if (!quoted && (char === 'N' || char === 'I' || char === '-')) {
      BARE.lastIndex = index;
      const [token] = BARE.exec(text) ?? [];
      if (token === undefined) continue;
      parts.push(text.slice(from, index), named[token] ?? token);
      from = index + token.length;
      index = from - 1;
    }
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** The text that JSON.parse can read, and its value. Throws `request_invalid`. */
function parseTolerant(text: string): { readonly text: string; readonly value: unknown } {
  try {
    return { text, value: JSON.parse(text) };
  } catch {
    // Retried below.
  }
  const mended = quoteBareNumbers(text);
  try {
    return { text: mended, value: JSON.parse(mended) };
  } catch (error) {
    throw fault('request_invalid', { problem: 'The request body is not JSON.' }, error);
  }
}

export interface RequestText {
  readonly value: unknown;
  /** The same value with whole numbers beyond 2^53, which JSON.parse rounds, as BigInt. */
  exact(): unknown;
}

/** Decodes UTF-8 and parses JSON; NaN, Infinity and −Infinity are taken as tokens too. Throws `request_invalid`. */
export function parseRequest(body: Uint8Array): RequestText {
  if (!isUtf8(body)) throw invalid('The request body is not UTF-8.');
  const decoded = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  if (decoded.trim() === '') throw invalid('The request body is empty; send a JSON object with "inputs".');
  const { text, value } = parseTolerant(decoded);
  return {
    value,
    exact: () =>
      JSON.parse(text, (_key, item: unknown, context?: { readonly source?: string }) => {
        const source = context?.source;
        if (typeof item !== 'number' || Number.isSafeInteger(item) || source === undefined) return item;
        return /^-?\d+$/.test(source) ? BigInt(source) : item;
      }),
  };
}
