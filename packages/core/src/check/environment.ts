import { fault } from '../fault/fault.ts';
import type { JsonValue } from '../ports/json.ts';
import { columnsOf } from './columns.ts';
import type { CheckSuite, Expectation } from './types.ts';

/**
 * The expectations that hold in an environment: those limited to others are left out, and so are those about a column that is not there; lists of columns lose it. Without an
 * environment all are asked. Throws `environment_not_found`.
 */
export function expectationsIn(suite: CheckSuite, environment: string | null): readonly Expectation[] {
  if (environment === null) return suite.expectations;
  const known = suite.environments ?? {};
  const spec = Object.hasOwn(known, environment) ? known[environment] : undefined;
  if (spec === undefined) throw fault('environment_not_found', { suite: suite.name, environment, environments: Object.keys(known) });
  const absent = new Set(spec.without);
  return suite.expectations.flatMap((expectation) => {
    if (expectation.environments !== undefined && !expectation.environments.includes(environment)) return [];
    if (columnsOf(expectation).some((column) => absent.has(column))) return [];
    return [withoutColumns(expectation, absent)];
  });
}

function withoutColumns(expectation: Expectation, absent: ReadonlySet<string>): Expectation {
  const list = expectation.type === 'expect_table_columns_to_match_set' ? 'column_set' : 'column_list';
  if (!expectation.type.startsWith('expect_table_columns_') || absent.size === 0) return expectation;
  const names = expectation.kwargs[list];
  if (!Array.isArray(names)) return expectation;
  const kept = (names as readonly JsonValue[]).filter((name) => typeof name !== 'string' || !absent.has(name));
  return { ...expectation, kwargs: { ...expectation.kwargs, [list]: kept } };
}
