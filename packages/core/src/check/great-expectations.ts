import { fault } from '../fault/fault.ts';
import type { JsonObject, JsonValue } from '../ports/json.ts';
import type { CheckSuite, Expectation, Severity } from './types.ts';

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a file is a suite as Great Expectations writes it: 0.x says `expectation_suite_name`, 1.x has a `name` and no `dataset`. */
export function isGreatExpectationsSuite(file: unknown): boolean {
  return isObject(file as JsonValue) && !Object.hasOwn(file as object, 'dataset') && Array.isArray((file as JsonObject)['expectations']);
}

/**
 * Reads Great Expectations' suite, of 1.x (`type`) or 0.x (`expectation_type`), as it is. Which dataset it judges stands in `meta.pawl.dataset`, else it is named like the suite.
 * Parameters (`{"$PARAMETER": "name"}`) take their values from `given`, then from the file. Throws `suite_invalid`.
 */
export function fromGreatExpectations(file: JsonValue, where: string, given: JsonObject = {}): CheckSuite {
  const invalid = (problem: string): Error => fault('suite_invalid', { where, problem });
  if (!isObject(file)) throw invalid('a suite of Great Expectations is an object with "expectations".');
  const name = file['expectation_suite_name'] ?? file['name'];
  if (typeof name !== 'string' || name === '') throw invalid('the suite needs a "name".');
  const meta = isObject(file['meta']) ? file['meta'] : {};
  const own = isObject(meta['pawl']) ? meta['pawl'] : {};
  const plain = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[^A-Za-z0-9]+|-+$/g, '');
  const list = file['expectations'];
  if (!Array.isArray(list) || list.length === 0) throw invalid('"expectations" must be a list with at least one.');
  const parameters = { ...objectOr(file['evaluation_parameters']), ...objectOr(file['suite_parameters']), ...given };
  const expectations = (list as readonly JsonValue[]).map((one, index) => toExpectation(one, index));
  return { name: plain, dataset: typeof own['dataset'] === 'string' ? own['dataset'] : plain, expectations };

  function toExpectation(one: JsonValue, index: number): Expectation {
    const type = isObject(one) ? (one['type'] ?? one['expectation_type']) : undefined;
    if (!isObject(one) || typeof type !== 'string') throw invalid(`expectations.${index}: "type" is missing.`);
    const severity = one['severity'] ?? (isObject(one['meta']) ? one['meta']['severity'] : undefined) ?? 'critical';
    if (severity !== 'critical' && severity !== 'warning' && severity !== 'info')
      throw invalid(`expectations.${index}.severity: it must be critical, warning or info.`);
    const kwargs = fill(objectOr(one['kwargs']), index) as JsonObject;
    return { type: toSnakeCase(type), kwargs, severity: severity as Severity };
  }

  function fill(value: JsonValue, index: number): JsonValue {
    if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => fill(item, index));
    if (!isObject(value)) return value;
    const parameter = value['$PARAMETER'];
    if (parameter === undefined) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, index)]));
    if (typeof parameter === 'string' && Object.hasOwn(parameters, parameter)) return parameters[parameter] as JsonValue;
    throw invalid(`expectations.${index}: the parameter ${JSON.stringify(parameter)} has no value; give it with --parameter NAME=VALUE.`);
  }
}

function objectOr(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** Python code names expectations `ExpectColumnMaxToBeBetween`; some suites were written by hand so. */
function toSnakeCase(type: string): string {
  return /^[A-Z]/.test(type) ? type.replaceAll(/(?<!^)([A-Z])/g, '_$1').toLowerCase() : type;
}
