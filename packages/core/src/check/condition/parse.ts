import { toLikePattern } from '../like.ts';
import { ConditionProblem, KEYWORD, lexCondition } from './lex.ts';
import type { Token } from './lex.ts';
import type { RowCondition, Sign } from './types.ts';

type Literal = number | string | boolean;
type Operand = { readonly column: string } | { readonly value: Literal };

/** The languages that Great Expectations names as `condition_parser`. */
export const conditionParsers = ['pandas', 'spark', 'great_expectations', 'great_expectations__experimental__'] as const;
export type ConditionParser = (typeof conditionParsers)[number];

const SIGNS: Readonly<Record<string, Sign>> = { '=': '=', '==': '=', '!=': '!=', '<>': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=' };
const FLIPPED: Readonly<Record<Sign, Sign>> = { '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
const DEEPEST = 50;

/**
 * Reads a row condition as pandas' `query`, Spark SQL or Great Expectations' own `col("…")` write it, in one grammar: comparisons of columns with values and columns, `in`, `like`,
 * `between`, null tests, `and`, `or`, `not` (also `&`, `|`, `~`) and brackets. The parser decides what a missing value means. Throws RangeError with the position.
 */
export function parseCondition(source: string, parser: ConditionParser): RowCondition {
  const tokens = lexCondition(source);
  const nullsDiffer = parser !== 'spark';
  let at = 0;
  let depth = 0;

  const peek = (): Token => tokens[at] as Token;
  const isWord = (word: string, token = peek()): boolean => token.kind === 'word' && token.text.toLowerCase() === word;
  const isSign = (...signs: readonly string[]): boolean => peek().kind === 'sign' && signs.includes(peek().text);
  const refuse = (problem: string, token = peek()): ConditionProblem => new ConditionProblem(source, token.at, problem);
  const accept = (matches: boolean): boolean => {
    if (matches) at += 1;
    return matches;
  };
  const expect = (sign: string): void => {
    if (!accept(isSign(sign))) throw refuse(`"${sign}" is missing`);
  };

  function either(): RowCondition {
    const parts = [both()];
    while (accept(isWord('or') || isSign('|', '||'))) parts.push(both());
    return parts.length === 1 ? (parts[0] as RowCondition) : { op: 'or', parts };
  }

  function both(): RowCondition {
    const parts = [single()];
    while (accept(isWord('and') || isSign('&', '&&'))) parts.push(single());
    return parts.length === 1 ? (parts[0] as RowCondition) : { op: 'and', parts };
  }

  function single(): RowCondition {
    if (++depth > DEEPEST) throw refuse('it is nested too deeply');
    try {
      if (accept(isWord('not') || isSign('~', '!'))) return { op: 'not', part: single() };
      if (accept(isSign('('))) {
        const inner = either();
        expect(')');
        return inner;
      }
      return comparison();
    } finally {
      depth -= 1;
    }
  }

  function comparison(): RowCondition {
    const start = peek();
    let left = operand();
    const test = 'column' in left ? columnTest(left.column) : undefined;
    if (test !== undefined) return test;
    const parts: RowCondition[] = [];
    while (peek().kind === 'sign' && SIGNS[peek().text] !== undefined) {
      const sign = SIGNS[peek().text] as Sign;
      at += 1;
      const right = operand();
      parts.push(compare(left, sign, right, start));
      left = right;
    }
    if (parts.length > 0) return parts.length === 1 ? (parts[0] as RowCondition) : { op: 'and', parts };
    // A boolean column stands for itself.
    if ('column' in left) return { op: 'compare', column: left.column, sign: '=', value: true, nullsDiffer };
    throw refuse('a comparison is missing', start);
  }

  function compare(left: Operand, sign: Sign, right: Operand, start: Token): RowCondition {
    if ('column' in left && 'column' in right) return { op: 'compare_columns', a: left.column, sign, b: right.column, nullsDiffer };
    if ('column' in left && 'value' in right) return { op: 'compare', column: left.column, sign, value: right.value, nullsDiffer };
    if ('value' in left && 'column' in right)
      return { op: 'compare', column: right.column, sign: FLIPPED[sign], value: left.value, nullsDiffer };
    throw refuse('it compares two values and names no column', start);
  }

  /** What follows a column and is no sign. */
  function columnTest(column: string): RowCondition | undefined {
    const { kind, text: method } = peek();
    if (accept(kind === 'method')) return { op: 'null', column, negated: /^not/i.test(method) };
    if (accept(isWord('is'))) {
      const negated = accept(isWord('not'));
      if (!accept(isWord('null'))) throw refuse('"null" is missing');
      return { op: 'null', column, negated };
    }
    const negated = isWord('not') && accept(true);
    if (accept(isWord('in'))) return { op: 'in', column, values: list(), negated, nullsDiffer };
    if (accept(isWord('like'))) return { op: 'like', column, pattern: toLikePattern(text()), negated };
    if (accept(isWord('between'))) {
      const low = value();
      if (!accept(isWord('and'))) throw refuse('"and" is missing');
      const within: RowCondition = {
        op: 'and',
        parts: [
          { op: 'compare', column, sign: '>=', value: low, nullsDiffer },
          { op: 'compare', column, sign: '<=', value: value(), nullsDiffer },
        ],
      };
      return negated ? { op: 'not', part: within } : within;
    }
    if (negated) throw refuse('"in", "like" or "between" is missing');
    return undefined;
  }

  function list(): readonly Literal[] {
    const close = isSign('[') ? ']' : ')';
    if (!accept(isSign('[', '('))) throw refuse('a list is missing');
    const values: Literal[] = [];
    while (!accept(isSign(close))) {
      if (values.length > 0) expect(',');
      if (accept(isSign(close))) break;
      values.push(value());
    }
    return values;
  }

  function text(): string {
    const token = peek();
    if (token.kind !== 'text') throw refuse('a text in quotes is missing');
    at += 1;
    return token.text;
  }

  function value(): Literal {
    const start = peek();
    const found = operand();
    if ('value' in found) return found.value;
    throw refuse(`a value is missing; write texts in quotes`, start);
  }

  function operand(): Operand {
    const token = peek();
    at += 1;
    if (token.kind === 'column') return { column: token.text };
    if (token.kind === 'text') return { value: token.text };
    if (token.kind === 'number') return { value: Number(token.text) };
    if (isWord('true', token) || isWord('false', token)) return { value: isWord('true', token) };
    if (isWord('date', token) && accept(isSign('('))) {
      const date = text();
      expect(')');
      return { value: date };
    }
    if (token.kind === 'word' && !KEYWORD.test(token.text)) {
      if (isSign('(')) throw refuse(`there is no function "${token.text}" here`, token);
      return { column: token.text };
    }
    at -= 1;
    throw refuse(token.kind === 'end' ? 'it ends too early' : `${JSON.stringify(token.text)} is out of place`, token);
  }

  const condition = either();
  if (peek().kind !== 'end') throw refuse(`${JSON.stringify(peek().text)} is out of place`);
  return condition;
}
