import type { JsonObject, JsonValue } from '../../ports/json.ts';
import { conditionParsers, parseCondition } from './parse.ts';
import type { ConditionParser } from './parse.ts';
import type { RowCondition, Sign } from './types.ts';

const OPERATORS: Readonly<Record<string, Sign>> = { '==': '=', '!=': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=' };
const MOST = 100;

/**
 * `row_condition` as suites hold it: a text in the language of `condition_parser` (pandas when absent), or Great Expectations' objects (`comparison`, `nullity`, `and`, `or`,
 * `pass_through`). Throws RangeError.
 */
export function readCondition(condition: JsonValue | undefined, parser: JsonValue | undefined): RowCondition | null {
  if (condition === undefined || condition === null || condition === '') return null;
  const language = parser ?? 'pandas';
  if (!isParser(language)) throw new RangeError(`"condition_parser" must be one of ${conditionParsers.join(', ')}`);
  if (typeof condition === 'string') return parseCondition(condition, language);
  const count = { conditions: 0 };
  return fromObject(condition, language, count);
}

function isParser(value: JsonValue): value is ConditionParser {
  return (conditionParsers as readonly JsonValue[]).includes(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fromObject(condition: JsonValue, parser: ConditionParser, count: { conditions: number }): RowCondition {
  if (++count.conditions > MOST) throw new RangeError(`"row_condition" holds more than ${MOST} conditions`);
  if (!isObject(condition)) throw new RangeError('"row_condition" must be a text or an object with a "type"');
  const { type } = condition;
  if (type === 'pass_through' && typeof condition['pass_through_filter'] === 'string')
    return parseCondition(condition['pass_through_filter'], parser);
  if ((type === 'and' || type === 'or') && Array.isArray(condition['conditions']) && condition['conditions'].length > 0)
    return { op: type, parts: (condition['conditions'] as readonly JsonValue[]).map((part) => fromObject(part, parser, count)) };
  const column = isObject(condition['column']) ? condition['column']['name'] : condition['column'];
  if (typeof column === 'string' && type === 'nullity' && typeof condition['is_null'] === 'boolean')
    return { op: 'null', column, negated: !condition['is_null'] };
  if (typeof column === 'string' && type === 'comparison') return toComparison(column, condition['operator'], condition['parameter']);
  throw new RangeError(`"row_condition" holds ${JSON.stringify(condition).slice(0, 200)}, which is no condition`);
}

function toComparison(column: string, operator: JsonValue | undefined, parameter: JsonValue | undefined): RowCondition {
  if ((operator === 'IN' || operator === 'NOT_IN') && Array.isArray(parameter) && parameter.every(isLiteral))
    return { op: 'in', column, values: parameter, negated: operator === 'NOT_IN', nullsDiffer: true };
  const sign = typeof operator === 'string' && Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (sign !== undefined && isLiteral(parameter)) return { op: 'compare', column, sign, value: parameter, nullsDiffer: true };
  throw new RangeError(
    `"row_condition" compares "${column}" by ${JSON.stringify(operator)} with ${JSON.stringify(parameter)}, which cannot be`,
  );
}

function isLiteral(value: JsonValue | undefined): value is number | string | boolean {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}
