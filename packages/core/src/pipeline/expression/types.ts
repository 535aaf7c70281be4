import type { JsonValue } from '../../ports/json.ts';

export type UnaryOperator = '!' | '-';
export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%';
export type Root = 'params' | 'steps' | 'item' | 'index';

/** A parsed expression; `at` is where a part begins in the text, from 0. */
export type Expression =
  | { readonly kind: 'value'; readonly value: JsonValue; readonly at: number }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly at: number }
  /** `path` is what follows the root by name: for `params` the parameter, for `steps` the step and its output, else nothing. */
  | { readonly kind: 'reference'; readonly root: Root; readonly path: readonly string[]; readonly at: number }
  | { readonly kind: 'member'; readonly of: Expression; readonly key: Expression; readonly at: number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly at: number }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression; readonly at: number }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | { readonly kind: 'choice'; readonly if: Expression; readonly yes: Expression; readonly no: Expression; readonly at: number };

export interface ExpressionProblem {
  /** Where in the text, from 0. */
  readonly at: number;
  readonly problem: string;
}

/** What is known of a value before it is there. */
export type ValueType = 'any' | 'null' | 'bool' | 'number' | 'string' | 'list' | 'object';

export function typeOf(value: JsonValue): Exclude<ValueType, 'any'> {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  const type = typeof value;
  return type === 'boolean' ? 'bool' : type === 'number' || type === 'string' ? type : 'object';
}

/** Functions of the language, with the fewest and most arguments that each takes. */
export const FUNCTIONS: Readonly<Record<string, readonly [number, number]>> = {
  len: [1, 1],
  int: [1, 1],
  float: [1, 1],
  string: [1, 1],
  json: [1, 1],
  range: [1, 2],
  min: [1, 100],
  max: [1, 100],
};
