import type { JsonObject, JsonValue } from '@pawl/core';
import { toBroken } from './report.ts';
import type { CheckReport, CheckedExpectation } from './report.ts';

/** Great Expectations' own validation result, for whoever has tools that read it. Rows are numbered from 0 there. */
export function toGreatExpectations(reports: readonly CheckReport[]): string {
  const results = reports.map(toResult);
  return `${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`;
}

function toResult(report: CheckReport): JsonObject {
  const met = report.results.filter((one) => one.outcome === 'passed').length;
  const evaluated = report.results.length;
  return {
    success: report.verdict === 'passed',
    suite_name: report.suite,
    suite_parameters: {},
    results: report.results.map(toExpectationResult),
    statistics: {
      evaluated_expectations: evaluated,
      successful_expectations: met,
      unsuccessful_expectations: evaluated - met,
      success_percent: evaluated === 0 ? null : (100 * met) / evaluated,
    },
    meta: { run_time: report.at, batch: report.subject },
  };
}

function toExpectationResult(one: CheckedExpectation): JsonObject {
  const { type, kwargs, severity } = one.expectation;
  return {
    success: one.outcome === 'passed',
    expectation_config: { type, kwargs, severity, meta: {} },
    result: one.outcome === 'error' ? {} : toDetails(one),
    meta: {},
    exception_info: {
      raised_exception: one.outcome === 'error',
      exception_message: one.outcome === 'error' ? one.note : null,
      exception_traceback: null,
    },
  };
}

function toDetails(one: CheckedExpectation): JsonObject {
  const broken = toBroken(one);
  if (broken === null) return { observed_value: one.observed };
  const { unexpected, considered } = broken;
  const percent = (part: number, whole: number): number | null => (whole === 0 ? null : (100 * part) / whole);
  const always = {
    element_count: one.element_count,
    unexpected_count: unexpected,
    unexpected_percent: percent(unexpected, considered),
    partial_unexpected_list: one.samples,
    partial_unexpected_counts: countSamples(one.samples),
    partial_unexpected_index_list: one.rows.map((row) => row - 1),
  };
  // What is about nulls misses none.
  if (/_(not_)?be_null$/.test(one.expectation.type)) return always;
  return {
    ...always,
    missing_count: one.missing_count,
    missing_percent: percent(one.missing_count ?? 0, one.element_count),
    unexpected_percent_total: percent(unexpected, one.element_count),
    unexpected_percent_nonmissing: percent(unexpected, considered),
  };
}

/** By how often, then by the value's text: values of several types do not sort among each other. */
function countSamples(samples: readonly JsonValue[]): readonly JsonObject[] {
  const counts = new Map<string, { readonly value: JsonValue; count: number }>();
  for (const value of samples) {
    const key = JSON.stringify(value);
    const found = counts.get(key);
    if (found === undefined) counts.set(key, { value, count: 1 });
    else found.count += 1;
  }
  return [...counts.entries()]
    .toSorted(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
    .map(([, { value, count }]) => ({ value, count }));
}
