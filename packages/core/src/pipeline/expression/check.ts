import { suggest } from '../../check/suggest.ts';
import { parseExpression } from './parse.ts';
import { typeOf } from './types.ts';
import type { Expression, ExpressionProblem, ValueType } from './types.ts';

/** What is known of the names of an expression before there are values. Undefined: there is no such name. */
export interface TypeScope {
  readonly params: Readonly<Record<string, ValueType>>;
  /** Types of the outputs that can be read, by step; null of a step whose outputs cannot. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, ValueType>>>>;
  /** Whether `item` and `index` are there. */
  readonly inFanOut: boolean;
}

/** Every problem of an expression that is to give a `wanted` value, each with its place. */
export function checkExpression(text: string, scope: TypeScope, wanted: ValueType): readonly ExpressionProblem[] {
  const parsed = parseExpression(text);
  if ('problem' in parsed) return [parsed];
  const problems: ExpressionProblem[] = [];
  const refuse = (at: number, problem: string): ValueType => {
    problems.push({ at, problem });
    return 'any';
  };
  const fits = (type: ValueType, ...allowed: readonly ValueType[]): boolean => type === 'any' || allowed.includes(type);
  const need = (one: Expression, ...allowed: readonly ValueType[]): void => {
    const type = infer(one);
    if (!fits(type, ...allowed)) refuse(one.at, `this is a ${type}, and a ${allowed.join(' or ')} is needed`);
  };

  const infer = (one: Expression): ValueType => {
    switch (one.kind) {
      case 'value':
        return typeOf(one.value);
      case 'list':
        for (const item of one.items) infer(item);
        return 'list';
      case 'reference':
        return refer(one);
      case 'member':
        return member(one);
      case 'call':
        return call(one.name, one.args);
      case 'unary':
        need(one.operand, one.operator === '!' ? 'bool' : 'number');
        return one.operator === '!' ? 'bool' : 'number';
      case 'choice': {
        need(one.if, 'bool');
        const yes = infer(one.yes);
        return yes === infer(one.no) ? yes : 'any';
      }
      case 'binary':
        return binary(one);
      default:
        return one satisfies never;
    }
  };

  const refer = ({ root, path, at }: Expression & { kind: 'reference' }): ValueType => {
    const [first = '', second = ''] = path;
    if (root === 'params') return named(scope.params, first, at, 'parameter');
    if (root === 'steps') {
      const outputs = Object.hasOwn(scope.outputs, first) ? scope.outputs[first] : undefined;
      if (outputs === undefined) return refuse(at, `there is no step "${first}"${hint(first, Object.keys(scope.outputs))}`);
      return named(outputs, second, at, `json or metrics output of step "${first}"`);
    }
    if (!scope.inFanOut) return refuse(at, `"${root}" is there in a step with foreach only`);
    return root === 'index' ? 'number' : 'any';
  };

  const named = (known: Readonly<Record<string, ValueType>>, name: string, at: number, what: string): ValueType =>
    Object.hasOwn(known, name) ? (known[name] ?? 'any') : refuse(at, `there is no ${what} "${name}"${hint(name, Object.keys(known))}`);

  const member = ({ of, key, at }: Expression & { kind: 'member' }): ValueType => {
    const type = infer(of);
    const by = infer(key);
    if (!fits(type, 'list', 'object')) return refuse(at, `a ${type} has no members`);
    if (type === 'list' && !fits(by, 'number')) return refuse(at, 'an element of a list is named by its number');
    if (type === 'object' && !fits(by, 'string')) return refuse(at, 'a member of an object is named by a text');
    return 'any';
  };

  const binary = ({ operator, left, right, at }: Expression & { kind: 'binary' }): ValueType => {
    if (operator === '&&' || operator === '||') {
      need(left, 'bool');
      need(right, 'bool');
      return 'bool';
    }
    const a = infer(left);
    const b = infer(right);
    if (operator === '==' || operator === '!=') {
      // An equality that can never hold is a mistake in a condition.
      if (a !== 'any' && b !== 'any' && a !== b && a !== 'null' && b !== 'null') refuse(at, `a ${a} never equals a ${b}`);
      return 'bool';
    }
    if (operator === 'in') {
      if (!fits(b, 'list', 'object', 'string')) refuse(right.at, `"in" needs a list, an object or a string on its right, not a ${b}`);
      return 'bool';
    }
    const ordered = operator === '<' || operator === '<=' || operator === '>' || operator === '>=';
    const texts = ordered || operator === '+' ? (['number', 'string'] as const) : (['number'] as const);
    if (!fits(a, ...texts) || !fits(b, ...texts) || (a !== 'any' && b !== 'any' && a !== b))
      refuse(at, `"${operator}" does not go with a ${a} and a ${b}`);
    if (ordered) return 'bool';
    return operator === '+' ? (a === 'any' ? b : a) : 'number';
  };

  const call = (name: string, args: readonly Expression[]): ValueType => {
    if (name === 'len') {
      for (const one of args) need(one, 'list', 'object', 'string');
      return 'number';
    }
    if (name === 'range' || name === 'min' || name === 'max') {
      for (const one of args) need(one, 'number');
      return name === 'range' ? 'list' : 'number';
    }
    for (const one of args) infer(one);
    return name === 'string' ? 'string' : name === 'json' ? 'any' : 'number';
  };

  const type = infer(parsed.expression);
  if (wanted !== 'any' && !fits(type, wanted)) refuse(parsed.expression.at, `it gives a ${type}, and a ${wanted} is needed`);
  return problems;
}

/** The outputs of steps that an expression reads, each once. Empty when it cannot be parsed. */
export function outputsRead(text: string): readonly { readonly step: string; readonly output: string }[] {
  const parsed = parseExpression(text);
  if ('problem' in parsed) return [];
  const found = new Map<string, { readonly step: string; readonly output: string }>();
  const open: Expression[] = [parsed.expression];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (one.kind === 'reference' && one.root === 'steps') {
      const [step = '', output = ''] = one.path;
      found.set(JSON.stringify(one.path), { step, output });
    }
    open.push(...partsOf(one));
  }
  return [...found.values()];
}

/** Whether an expression names the element that it is for. */
export function readsItem(text: string): boolean {
  const parsed = parseExpression(text);
  const open: Expression[] = 'problem' in parsed ? [] : [parsed.expression];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (one.kind === 'reference' && (one.root === 'item' || one.root === 'index')) return true;
    open.push(...partsOf(one));
  }
  return false;
}

function partsOf(one: Expression): readonly Expression[] {
  switch (one.kind) {
    case 'list':
      return one.items;
    case 'member':
      return [one.of, one.key];
    case 'call':
      return one.args;
    case 'unary':
      return [one.operand];
    case 'binary':
      return [one.left, one.right];
    case 'choice':
      return [one.if, one.yes, one.no];
    default:
      return [];
  }
}

function hint(name: string, known: readonly string[]): string {
  const meant = suggest(name, known);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  return known.length === 0 ? '; there is none' : `; there are ${known.slice(0, 20).join(', ')}`;
}
