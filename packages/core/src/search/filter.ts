import { comparatorsOf, findField, quoted } from './field.ts';
import type { FoundField } from './field.ts';
import { refusePattern } from './pattern.ts';
import { excerpt } from './excerpt.ts';
import { lex, refuseAt, unquote } from './lex.ts';
import type { Token } from './lex.ts';
import type { Comparator, Comparison, Filter, SearchSpec } from './types.ts';

/** Beyond these a filter is refused: engines bound the depth of an expression and the number of parameters. */
const MOST_DEPTH = 50;
const MOST_CLAUSES = 500;
const MOST_VALUES = 10_000;

interface Reader {
  readonly spec: SearchSpec;
  readonly source: string;
  readonly tokens: readonly Token[];
  at: number;
  clauses: number;
  values: number;
}

/**
 * Parses MLflow's filter language, `clause (AND clause)*` in any case, and beyond it OR, NOT, parentheses and IN on every text.
 * Undefined for an empty filter. Throws `search_filter_invalid` with MLflow's wording and the position.
 */
export function parseFilter(spec: SearchSpec, source: string): Filter | undefined {
  const reader: Reader = { spec, source, tokens: lex(source), at: 0, clauses: 0, values: 0 };
  if (reader.tokens.length === 0) return undefined;
  const filter = parseOr(reader, 0);
  const left = reader.tokens[reader.at];
  if (left !== undefined) throw refuse(reader, `Invalid clause(s) in filter string: '${excerpt(left.raw)}'`);
  return filter;
}

function parseOr(reader: Reader, depth: number): Filter {
  const parts = [parseAnd(reader, depth)];
  while (takeWord(reader, 'OR')) parts.push(parseAnd(reader, depth));
  return parts.length === 1 ? (parts[0] as Filter) : { kind: 'or', parts };
}

function parseAnd(reader: Reader, depth: number): Filter {
  const parts = [parseNot(reader, depth)];
  while (takeWord(reader, 'AND')) {
    // MLflow lets a filter end in AND; programs that join clauses rely on it.
    if (reader.tokens[reader.at] === undefined) break;
    parts.push(parseNot(reader, depth));
  }
  return parts.length === 1 ? (parts[0] as Filter) : { kind: 'and', parts };
}

function parseNot(reader: Reader, depth: number): Filter {
  if (depth > MOST_DEPTH) throw refuse(reader, `The filter is nested deeper than ${MOST_DEPTH} levels`);
  if (takeWord(reader, 'NOT')) return { kind: 'not', part: parseNot(reader, depth + 1) };
  if (!takeMark(reader, '(')) return parseComparison(reader);
  const inner = parseOr(reader, depth + 1);
  if (!takeMark(reader, ')')) throw refuse(reader, 'Invalid clause(s) in filter string: a parenthesis is not closed');
  return inner;
}

function parseComparison(reader: Reader): Comparison {
  if (++reader.clauses > MOST_CLAUSES) throw refuse(reader, `The filter has more than ${MOST_CLAUSES} clauses`);
  const left = reader.tokens[reader.at];
  if (left === undefined || (left.kind !== 'word' && left.kind !== 'text') || /^(?:AND|OR)$/i.test(left.raw)) {
    throw refuse(reader, `Invalid clause(s) in filter string: '${excerpt(left?.raw ?? '')}'`);
  }
  reader.at++;
  const found = findField(reader.spec, left.raw, 'filters');
  const next = reader.tokens[reader.at];
  // A lone word is no clause at all, so that is said before whether there is such a field.
  if (next === undefined || (next.kind !== 'sign' && next.kind !== 'word')) {
    throw refuse(reader, `Invalid clause(s) in filter string: '${excerpt(left.raw)}'`, left);
  }
  if (typeof found === 'string') throw refuse(reader, found, left);
  const comparator = takeComparator(reader, found);
  const base = { kind: 'compare', entity: found.entity, key: found.key, comparator } as const;
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') return { ...base, value: null };
  if (comparator === 'IN' || comparator === 'NOT IN') return { ...base, value: takeList(reader, found, comparator) };
  return { ...base, value: takeValue(reader, found, comparator) };
}

function takeComparator(reader: Reader, { entity, written, field }: FoundField): Comparator {
  const first = reader.tokens[reader.at] as Token;
  reader.at++;
  let comparator = first.raw.toUpperCase();
  if (comparator === '<>') comparator = '!=';
  if (comparator === '==') comparator = '=';
  if (comparator === 'NOT' && takeWord(reader, 'IN')) comparator = 'NOT IN';
  if (comparator === 'IS') comparator = takeWord(reader, 'NOT') ? 'IS NOT' : 'IS';
  if ((comparator === 'IS' || comparator === 'IS NOT') && takeWord(reader, 'NULL')) comparator += ' NULL';
  const valid = comparatorsOf(field);
  const known = valid.find((each) => each === comparator);
  if (known !== undefined) return known;
  if (comparator.endsWith('NULL')) {
    throw refuse(reader, `IS NULL / IS NOT NULL is only supported for tags and params, not for '${entity}' '${excerpt(written)}'`, first);
  }
  throw refuse(reader, `Invalid comparator '${excerpt(comparator)}' not one of '${quoted(valid, '{', '}')}'`, first);
}

function takeList(reader: Reader, found: FoundField, comparator: Comparator): readonly (string | number)[] {
  const open = reader.tokens[reader.at];
  if (!takeMark(reader, '('))
    throw refuse(reader, `Expected a list of quoted string values in parentheses. Got value ${excerpt(open?.raw ?? 'nothing')}`);
  const values: (string | number)[] = [];
  for (;;) {
    if (takeMark(reader, ')') && values.length > 0) return values;
    if (++reader.values > MOST_VALUES) throw refuse(reader, `The lists of a filter hold at most ${MOST_VALUES} values`);
    values.push(takeValue(reader, found, comparator));
    if (typeof values[0] !== typeof values.at(-1)) throw refuse(reader, 'A list holds numbers or texts, not both');
    if (takeMark(reader, ')')) return values;
    if (!takeMark(reader, ',')) throw refuse(reader, `Invalid list in filter string: expected ',' or ')'`);
  }
}

function takeValue(reader: Reader, { entity, written, field }: FoundField, comparator: Comparator): string | number {
  const token = reader.tokens[reader.at];
  const got = excerpt(token?.raw ?? 'nothing');
  if (field.kind === 'number' || (field.kind === 'any' && asksForNumber(comparator, token))) {
    const value = token?.kind === 'number' ? Number(token.raw) : Number.NaN;
    if (Number.isNaN(value)) {
      throw refuse(
        reader,
        entity === 'attribute'
          ? `Expected numeric value type for numeric attribute: ${excerpt(written)}. Found ${got}`
          : `Expected numeric value type for ${entity}. Found ${got}`,
      );
    }
    reader.at++;
    return value;
  }
  if (token?.kind !== 'text') {
    throw refuse(
      reader,
      entity === 'attribute' || entity === 'dataset'
        ? `Expected a quoted string value for ${entity === 'attribute' ? 'attributes' : 'dataset attributes'}. Got value ${got}`
        : `Expected a quoted string value for ${entity} (e.g. 'my-value'). Got value ${got}`,
    );
  }
  const value = unquote(token.raw);
  const problem = comparator === 'RLIKE' ? refusePattern(value) : undefined;
  if (problem !== undefined) throw refuse(reader, problem);
  reader.at++;
  return value;
}

function asksForNumber(comparator: Comparator, token: Token | undefined): boolean {
  return /^[<>]/.test(comparator) || (token?.kind === 'number' && /^(?:!?=|(?:NOT )?IN)$/.test(comparator));
}

function takeWord(reader: Reader, word: string): boolean {
  const token = reader.tokens[reader.at];
  if (token?.kind !== 'word' || token.raw.toUpperCase() !== word) return false;
  reader.at++;
  return true;
}

function takeMark(reader: Reader, mark: string): boolean {
  const token = reader.tokens[reader.at];
  if (token?.kind !== 'mark' || token.raw !== mark) return false;
  reader.at++;
  return true;
}

function refuse(reader: Reader, problem: string, token: Token | undefined = reader.tokens[reader.at]): Error {
  return refuseAt(reader.source, token?.at ?? reader.source.length, problem);
}
