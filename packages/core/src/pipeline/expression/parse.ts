import { suggest } from '../../check/suggest.ts';
import { lex } from './lex.ts';
import type { Token } from './lex.ts';
import { FUNCTIONS } from './types.ts';
import type { BinaryOperator, Expression, ExpressionProblem, Root } from './types.ts';

const MAX_LENGTH = 4000;
const MAX_DEPTH = 64;

/** Operators by how tightly they bind, the loosest first. Words stand for signs. */
const LEVELS: readonly Readonly<Record<string, BinaryOperator>>[] = [
  { '||': '||', or: '||' },
  { '&&': '&&', and: '&&' },
  { '==': '==', '!=': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=', in: 'in' },
  { '+': '+', '-': '-' },
  { '*': '*', '/': '/', '%': '%' },
];

const ROOTS: Readonly<Record<Root, number>> = { params: 1, steps: 2, item: 0, index: 0 };
const LITERALS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
const RESERVED = new Set(['or', 'and', 'not', 'in']);

class SyntaxProblem extends Error {
  readonly at: number;

  constructor(at: number, problem: string) {
    super(problem);
    this.at = at;
  }
}

/** Parses an expression, or says what is wrong with it and where. */
export function parseExpression(text: string): { readonly expression: Expression } | ExpressionProblem {
  if (text.length > MAX_LENGTH) return { at: MAX_LENGTH, problem: `an expression has at most ${MAX_LENGTH} characters` };
  const tokens = lex(text);
  if ('problem' in tokens) return tokens;
  try {
    return { expression: parseTokens(tokens) };
  } catch (error) {
    if (error instanceof SyntaxProblem) return { at: error.at, problem: error.message };
    throw error;
  }
}

function parseTokens(tokens: readonly Token[]): Expression {
  let place = 0;
  let depth = 0;
  const end = tokens.at(-1) as Token;
  const peek = (): Token => tokens[place] ?? end;
  const next = (): Token => tokens[place++] ?? end;
  const told = (token: Token): string => (token.kind === 'end' ? 'the end' : JSON.stringify(token.text));
  const accept = (sign: string): boolean => {
    const token = peek();
    if (token.kind !== 'sign' || token.text !== sign) return false;
    place += 1;
    return true;
  };
  const expect = (sign: string): void => {
    if (!accept(sign)) throw new SyntaxProblem(peek().at, `"${sign}" is expected here, not ${told(peek())}`);
  };

  const choice = (): Expression => {
    if (++depth > MAX_DEPTH) throw new SyntaxProblem(peek().at, `it is nested deeper than ${MAX_DEPTH}`);
    const { at } = peek();
    const condition = binary(0);
    let answer = condition;
    if (accept('?')) {
      const yes = choice();
      expect(':');
      answer = { kind: 'choice', if: condition, yes, no: choice(), at };
    }
    depth -= 1;
    return answer;
  };

  const binary = (level: number): Expression => {
    const operators = LEVELS[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (;;) {
      const token = peek();
      const operator = token.kind === 'sign' || token.kind === 'word' ? operators[token.text] : undefined;
      if (operator === undefined) return left;
      place += 1;
      left = { kind: 'binary', operator, left, right: binary(level + 1), at: token.at };
    }
  };

  const unary = (): Expression => {
    const token = peek();
    const operator =
      token.kind === 'sign' && (token.text === '!' || token.text === '-')
        ? token.text
        : token.kind === 'word' && token.text === 'not'
          ? '!'
          : undefined;
    if (operator === undefined) return members(primary());
    place += 1;
    if (++depth > MAX_DEPTH) throw new SyntaxProblem(token.at, `it is nested deeper than ${MAX_DEPTH}`);
    const operand = unary();
    depth -= 1;
    return { kind: 'unary', operator, operand, at: token.at };
  };

  /** `.name` or `["name"]` or `[expression]`; undefined when neither follows. */
  const key = (): Expression | undefined => {
    const { at } = peek();
    if (accept('.')) {
      const token = next();
      if (token.kind !== 'word') throw new SyntaxProblem(token.at, `a name is expected after ".", not ${told(token)}`);
      return { kind: 'value', value: token.text, at: token.at };
    }
    if (!accept('[')) return undefined;
    const inner = choice();
    expect(']');
    return { ...inner, at };
  };

  const members = (of: Expression): Expression => {
    let whole = of;
    for (let found = key(); found !== undefined; found = key()) whole = { kind: 'member', of: whole, key: found, at: found.at };
    return whole;
  };

  const reference = (root: Root, at: number): Expression => {
    const path: string[] = [];
    while (path.length < ROOTS[root]) {
      const name = key();
      if (name?.kind !== 'value' || typeof name.value !== 'string') {
        const form = root === 'params' ? 'params.NAME' : 'steps.STEP.OUTPUT';
        throw new SyntaxProblem(name?.at ?? peek().at, `write ${form}, or with brackets: ${root}["…"]`);
      }
      path.push(name.value);
    }
    return { kind: 'reference', root, path, at };
  };

  const list = (close: string): readonly Expression[] => {
    const items: Expression[] = [];
    if (accept(close)) return items;
    do items.push(choice());
    while (accept(','));
    expect(close);
    return items;
  };

  const primary = (): Expression => {
    const token = next();
    const { text, at } = token;
    if (token.kind === 'number') return { kind: 'value', value: Number(text), at };
    if (token.kind === 'string') return { kind: 'value', value: text, at };
    if (token.kind === 'sign' && text === '(') {
      const inner = choice();
      expect(')');
      return inner;
    }
    if (token.kind === 'sign' && text === '[') return { kind: 'list', items: list(']'), at };
    if (token.kind !== 'word' || RESERVED.has(text)) throw new SyntaxProblem(at, `a value is expected here, not ${told(token)}`);
    if (Object.hasOwn(LITERALS, text)) return { kind: 'value', value: LITERALS[text] ?? null, at };
    if (accept('(')) {
      const arity = Object.hasOwn(FUNCTIONS, text) ? FUNCTIONS[text] : undefined;
      if (arity === undefined) throw new SyntaxProblem(at, `there is no function "${text}"${hint(text, Object.keys(FUNCTIONS))}`);
      const args = list(')');
      if (args.length < arity[0] || args.length > arity[1])
        throw new SyntaxProblem(
          at,
          `${text} takes ${arity[0] === arity[1] ? arity[0] : `${arity[0]} to ${arity[1]}`} values, not ${args.length}`,
        );
      return { kind: 'call', name: text, args, at };
    }
    if (Object.hasOwn(ROOTS, text)) return reference(text as Root, at);
    throw new SyntaxProblem(at, `"${text}" is no name here${hint(text, Object.keys(ROOTS))}; a text stands in quotes`);
  };

  const whole = choice();
  if (peek().kind !== 'end') throw new SyntaxProblem(peek().at, `the expression should end before ${told(peek())}`);
  return whole;
}

function hint(name: string, known: readonly string[]): string {
  const meant = suggest(name, known);
  return meant === undefined ? `; there are ${known.join(', ')}` : `; did you mean "${meant}"?`;
}
