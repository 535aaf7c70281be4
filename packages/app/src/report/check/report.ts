import type { CheckRun } from '@pawl/client';
import type { JsonValue } from '@pawl/core';
import { toConditionText } from './condition-text.ts';

/** What a suite said of a table, from a server or from a file on this machine. */
export interface CheckReport {
  readonly suite: string;
  /** `name:version`, or the path of a file. */
  readonly subject: string;
  readonly environment: string | null;
  readonly verdict: CheckRun['verdict'];
  /** RFC 3339. */
  readonly at: string;
  readonly results: readonly CheckedExpectation[];
}

export type CheckedExpectation = CheckRun['results'][number];

export const reportFormats = ['markdown', 'html', 'junit', 'json', 'gx'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export function fromCheckRun(run: CheckRun): CheckReport {
  const { suite, environment, verdict, at, results } = run;
  return { suite, subject: `${run.dataset}:${run.version}`, environment, verdict, at, results };
}

/** Reports in one of the formats; each is loaded when it is asked for. */
export async function toReportText(reports: readonly CheckReport[], format: ReportFormat): Promise<string> {
  switch (format) {
    case 'markdown':
      return (await import('./markdown.ts')).toMarkdown(reports);
    case 'html':
      return (await import('./html.ts')).toHtml(reports);
    case 'junit':
      return (await import('./junit.ts')).toJunit(reports);
    case 'json':
      return `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`;
    case 'gx':
      return (await import('./great-expectations.ts')).toGreatExpectations(reports);
  }
}

/** An expectation in one line: its name without `expect_`, and its arguments. */
export function toWords({ expectation }: CheckedExpectation, longest: number = LONGEST): string {
  // What the condition is written in says nothing about it.
  const { column, row_condition: condition = null, condition_parser: _, ...rest } = expectation.kwargs;
  const words = Object.entries(rest).map(([name, value]) => ` ${name}=${toShort(value, longest)}`);
  if (condition !== null) words.push(` where ${cut(toConditionText(condition), longest)}`);
  return `${expectation.type.replace(/^expect_/, '')}${column === undefined ? '' : ` ${toShort(column, longest)}`}${words.join('')}`;
}

/** How many rows broke it, of how many; null where no rows are counted. */
export function toBroken(result: CheckedExpectation): { readonly unexpected: number; readonly considered: number } | null {
  if (result.missing_count === null) return null;
  return { unexpected: result.unexpected_count, considered: result.element_count - result.missing_count };
}

/** Values that broke it, with their rows, or what was found. */
export function toFound(result: CheckedExpectation, most: number, longest: number = LONGEST): string {
  const samples = result.samples.slice(0, most).map((sample, at) => {
    const row = result.rows[at];
    return `${toShort(sample, longest)}${row === undefined ? '' : ` (row ${row})`}`;
  });
  const more = result.samples.length > most ? ', …' : '';
  if (samples.length > 0) return samples.join(', ') + more;
  return result.observed === null ? '' : toShort(result.observed, longest);
}

export function toShare(unexpected: number, considered: number): string {
  if (considered === 0) return '–';
  const percent = (100 * unexpected) / considered;
  return `${percent > 0 && percent < 0.01 ? '< 0.01' : Number(percent.toFixed(2))} %`;
}

const LONGEST = 200;

function toShort(value: JsonValue, longest: number): string {
  const text = typeof value === 'string' && /^[\w.:-]+$/.test(value) ? value : JSON.stringify(value);
  return cut(text, longest);
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

/** In one sentence: the verdict and how many expectations it rests on. */
export function toSummary({ results, verdict }: CheckReport): string {
  const count = (outcome: string): number => results.filter((one) => one.outcome === outcome).length;
  const parts = [`${count('passed')} of ${results.length} expectations met`];
  if (count('failed') > 0) parts.push(`${count('failed')} failed`);
  if (count('error') > 0) parts.push(`${count('error')} could not be evaluated`);
  return `${verdict}: ${parts.join(', ')}`;
}
