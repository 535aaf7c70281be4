/** A piece of a row condition and where it starts. */
export interface Token {
  readonly kind: 'word' | 'column' | 'method' | 'text' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

const SPACE = /^\s+/;
const COLUMN = /^(?:`((?:[^`]|``)+)`|col\(\s*(?:"([^"]+)"|'([^']+)')\s*\))/;
const TEXT = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.|'')*)')/s;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z_])/;
const WORD = /^[\p{L}_][\p{L}\p{N}_]*/u;
const METHOD = /^\.(isnull|isna|notnull|notna)\(\s*\)/i;
/** Words that are no column. */
export const KEYWORD: RegExp = /^(and|or|not|in|is|null|like|between)$/i;
const SIGN = /^(?:<=|>=|<>|==|!=|&&|\|\||[<>=()[\],&|~!])/;

export class ConditionProblem extends RangeError {
  constructor(source: string, at: number, problem: string) {
    super(`the row condition ${JSON.stringify(source)} cannot be used, at position ${at}: ${problem}`);
  }
}

/** Throws RangeError with the position. */
export function lexCondition(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const space = SPACE.exec(rest);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const token = next(rest, at, tokens.at(-1));
    if (token === undefined) throw new ConditionProblem(source, at, `${JSON.stringify(rest[0])} is not understood`);
    tokens.push(token.token);
    at += token.length;
  }
  return [...tokens, { kind: 'end', text: '', at: source.length }];
}

function next(rest: string, at: number, before: Token | undefined): { readonly token: Token; readonly length: number } | undefined {
  const column = COLUMN.exec(rest);
  if (column !== null)
    return {
      token: { kind: 'column', text: (column[1]?.replaceAll('``', '`') ?? column[2] ?? column[3]) as string, at },
      length: column[0].length,
    };
  const text = TEXT.exec(rest);
  if (text !== null) {
    const inner = text[1] ?? (text[2] ?? '').replaceAll("''", "'");
    return { token: { kind: 'text', text: inner.replaceAll(/\\(.)/gs, '$1'), at }, length: text[0].length };
  }
  // A sign right after an operand would be arithmetic, which conditions do not have.
  const operand = before?.kind === 'number' || before?.kind === 'column' || (before?.kind === 'word' && !KEYWORD.test(before.text));
  const number = operand && /^[+-]/.test(rest) ? null : NUMBER.exec(rest);
  if (number !== null) return { token: { kind: 'number', text: number[0], at }, length: number[0].length };
  const method = METHOD.exec(rest);
  if (method !== null) return { token: { kind: 'method', text: method[1] ?? '', at }, length: method[0].length };
  const word = WORD.exec(rest);
  if (word !== null) return { token: { kind: 'word', text: word[0], at }, length: word[0].length };
  const sign = SIGN.exec(rest);
  return sign === null ? undefined : { token: { kind: 'sign', text: sign[0], at }, length: sign[0].length };
}
