import type { ExpressionProblem } from './types.ts';

export interface Token {
  readonly kind: 'number' | 'string' | 'word' | 'sign' | 'end';
  /** A string's content, without its quotes. */
  readonly text: string;
  readonly at: number;
}

const SPACE = /\s+/y;
const NUMBER = /\d+(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y;
const SIGN = /\|\||&&|==|!=|<=|>=|[<>!+\-*/%()[\],.?:]/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** The words and signs of a text, an `end` last. */
export function lex(text: string): readonly Token[] | ExpressionProblem {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const number = match(NUMBER);
    const word = match(WORD);
    const string = match(STRING);
    const found = number ?? word ?? string ?? match(SIGN);
    if (found === undefined) {
      const sign = text.charAt(at);
      return {
        at,
        problem: sign === '"' || sign === "'" ? 'the text that begins here has no end' : `${JSON.stringify(sign)} means nothing here`,
      };
    }
    if (string === undefined)
      tokens.push({ kind: number !== undefined ? 'number' : word !== undefined ? 'word' : 'sign', text: found, at });
    else tokens.push({ kind: 'string', text: found.slice(1, -1).replaceAll(/\\(.)/gs, (_, sign: string) => ESCAPES[sign] ?? sign), at });
    at += found.length;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}
