import { fault } from '../../fault/fault.ts';
import { toCanonicalJson } from '../../ports/json.ts';
import type { JsonValue } from '../../ports/json.ts';
import { parseExpression } from './parse.ts';
import { typeOf } from './types.ts';
import type { Expression, ValueType } from './types.ts';

/** What the names of an expression stand for. Undefined: not there. */
export interface Scope {
  param(name: string): JsonValue | undefined;
  output(step: string, output: string): JsonValue | undefined;
  readonly item?: JsonValue | undefined;
  readonly index?: number | undefined;
}

const MAX_RANGE = 10_000;
const MAX_TEXT = 65_536;

/** The value of an expression. Throws `expression_failed`, which says what is wrong and at which character. */
export function evaluate(text: string, scope: Scope): JsonValue {
  const fail = (at: number, problem: string): Error => fault('expression_failed', { expression: text, column: at + 1, problem });
  const parsed = parseExpression(text);
  if ('problem' in parsed) throw fail(parsed.at, parsed.problem);

  const value = (one: Expression): JsonValue => {
    switch (one.kind) {
      case 'value':
        return one.value;
      case 'list':
        return one.items.map(value);
      case 'reference':
        return refer(one);
      case 'member':
        return member(value(one.of), value(one.key), one.at);
      case 'call':
        return call(one.name, one.args, one.at);
      case 'unary':
        return one.operator === '!' ? !bool(one.operand) : -number(one.operand);
      case 'binary':
        return binary(one);
      case 'choice':
        return bool(one.if) ? value(one.yes) : value(one.no);
      default:
        return one satisfies never;
    }
  };

  const refer = ({ root, path, at }: Expression & { kind: 'reference' }): JsonValue => {
    const [first = '', second = ''] = path;
    const found = {
      params: () => scope.param(first),
      steps: () => scope.output(first, second),
      item: () => scope.item,
      index: () => scope.index,
    }[root]();
    if (found === undefined) throw fail(at, `${[root, ...path].join('.')} has no value`);
    return found;
  };

  const wanted = (one: Expression, type: ValueType): JsonValue => {
    const found = value(one);
    if (typeOf(found) !== type) throw fail(one.at, `this is ${told(found)}, and a ${type} is needed`);
    return found;
  };
  const bool = (one: Expression): boolean => wanted(one, 'bool') as boolean;
  const number = (one: Expression): number => wanted(one, 'number') as number;

  const member = (of: JsonValue, key: JsonValue, at: number): JsonValue => {
    if (Array.isArray(of) && typeof key === 'number') {
      const found = (of as readonly JsonValue[])[key < 0 ? of.length + key : key];
      if (found === undefined) throw fail(at, `the list has ${of.length} elements, none at ${key}`);
      return found;
    }
    if (typeOf(of) === 'object' && typeof key === 'string') {
      if (!Object.hasOwn(of as object, key))
        throw fail(at, `there is no "${key}"; there is ${Object.keys(of as object).join(', ') || 'nothing'}`.slice(0, 300));
      return (of as Readonly<Record<string, JsonValue>>)[key] ?? null;
    }
    throw fail(at, `${told(of)} has no member ${JSON.stringify(key)}`);
  };

  const binary = ({ operator, left, right, at }: Expression & { kind: 'binary' }): JsonValue => {
    if (operator === '&&') return bool(left) && bool(right);
    if (operator === '||') return bool(left) || bool(right);
    const a = value(left);
    const b = value(right);
    switch (operator) {
      case '==':
        return same(a, b);
      case '!=':
        return !same(a, b);
      case 'in':
        if (Array.isArray(b)) return b.some((one) => same(a, one as JsonValue));
        if (typeof a === 'string' && typeof b === 'string') return b.includes(a);
        if (typeof a === 'string' && typeOf(b) === 'object') return Object.hasOwn(b as object, a);
        throw fail(at, `"in" needs a list, an object or a text on its right, not ${told(b)}`);
      case '<':
      case '<=':
      case '>':
      case '>=': {
        if (!((typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string')))
          throw fail(at, `${told(a)} and ${told(b)} have no order`);
        return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b;
      }
      default:
        return arithmetic(operator, a, b, at);
    }
  };

  const arithmetic = (operator: '+' | '-' | '*' | '/' | '%', a: JsonValue, b: JsonValue, at: number): JsonValue => {
    if (operator === '+' && typeof a === 'string' && typeof b === 'string') {
      if (a.length + b.length > MAX_TEXT) throw fail(at, `the text would be longer than ${MAX_TEXT} characters`);
      return a + b;
    }
    if (typeof a !== 'number' || typeof b !== 'number') throw fail(at, `"${operator}" needs two numbers, not ${told(a)} and ${told(b)}`);
    if ((operator === '/' || operator === '%') && b === 0) throw fail(at, 'it divides by 0');
    const result = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : operator === '/' ? a / b : a % b;
    if (!Number.isFinite(result)) throw fail(at, 'the number is too large');
    return result;
  };

  const call = (name: string, args: readonly Expression[], at: number): JsonValue => {
    const [first] = args;
    if (first === undefined) throw fail(at, 'a value is missing');
    switch (name) {
      case 'len': {
        const of = value(first);
        if (typeof of === 'string' || Array.isArray(of)) return of.length;
        if (typeOf(of) === 'object') return Object.keys(of as object).length;
        throw fail(at, `${told(of)} has no length`);
      }
      case 'int':
      case 'float': {
        const of = value(first);
        const read = typeof of === 'string' && of.trim() === '' ? NaN : Number(of);
        if (Array.isArray(of) || !Number.isFinite(read) || of === null) throw fail(at, `${told(of)} is no number`);
        return name === 'int' ? Math.trunc(read) : read;
      }
      case 'string': {
        const of = value(first);
        return typeof of === 'string' ? of : toCanonicalJson(of);
      }
      case 'json': {
        const of = value(first);
        try {
          return JSON.parse(typeof of === 'string' ? of : toCanonicalJson(of)) as JsonValue;
        } catch {
          throw fail(at, `${told(of)} is not JSON`);
        }
      }
      case 'range': {
        const second = args[1];
        const start = second === undefined ? 0 : number(first);
        const end = second === undefined ? number(first) : number(second);
        if (end - start > MAX_RANGE) throw fail(at, `a range has at most ${MAX_RANGE} numbers`);
        return Array.from({ length: Math.max(0, Math.ceil(end - start)) }, (_, place) => start + place);
      }
      default: {
        const all = args.map((one) => number(one));
        return name === 'min' ? Math.min(...all) : Math.max(...all);
      }
    }
  };

  return value(parsed.expression);
}

/** Text whose `${expression}` parts are replaced by their values. Throws `expression_failed`. */
export function interpolate(text: string, scope: Scope): string {
  return text.replaceAll(/\$\{([^}]*)\}/g, (_, expression: string) => {
    const found = evaluate(expression, scope);
    return typeof found === 'string' ? found : toCanonicalJson(found);
  });
}

function same(a: JsonValue, b: JsonValue): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && toCanonicalJson(a) === toCanonicalJson(b));
}

function told(value: JsonValue): string {
  const text = toCanonicalJson(value);
  return `the ${typeOf(value)} ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}
