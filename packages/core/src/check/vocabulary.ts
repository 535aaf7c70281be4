import type { Assertion } from './assertion.ts';
import { readCondition } from './condition/read.ts';
import { KwargProblem, toKwargs } from './kwargs.ts';
import { suggest } from './suggest.ts';
import type { Expectation } from './types.ts';
import { columnWords } from './vocabulary/columns.ts';
import { rowWords } from './vocabulary/rows.ts';
import { tableWords } from './vocabulary/tables.ts';
import { valueWords } from './vocabulary/values.ts';
import type { ExpectationWord, Word } from './vocabulary/word.ts';

/** Every expectation that a suite may hold. */
const words: readonly Word[] = [...valueWords, ...rowWords, ...columnWords, ...tableWords];
export const vocabulary: readonly ExpectationWord[] = words;
const byType: ReadonlyMap<string, Word> = new Map(words.map((one) => [one.type, one]));

/** Taken on every expectation: which rows it is about. */
const ROWS: readonly string[] = ['row_condition', 'condition_parser'];
/** Taken on every expectation, and without effect on the verdict: how Great Expectations would tell it, and where its data lies. */
const IDLE: readonly string[] = ['meta', 'notes', 'result_format', 'catch_exceptions', 'include_config', 'batch_id', 'auto', 'profiler_config', 'description', 'windows', 'id', 'rendered_content']; // prettier-ignore

/** Reads what an expectation says; one that says nothing that can be evaluated becomes `broken` with one line of reason. Never throws. */
export function toAssertion(expectation: Expectation): Assertion {
  const found = byType.get(expectation.type);
  if (found === undefined) return broken(toUnknown(expectation.type));
  const stray = Object.keys(expectation.kwargs).find((name) => ![...found.kwargs, ...ROWS, ...IDLE].includes(name));
  if (stray !== undefined) {
    const meant = suggest(stray, [...found.kwargs, ...ROWS]);
    const hint = meant === undefined ? `it takes ${found.kwargs.join(', ')}` : `did you mean "${meant}"?`;
    return broken(`"${stray}" is not an argument of ${found.type}; ${hint}`, [stray]);
  }
  try {
    const where = readCondition(expectation.kwargs['row_condition'], expectation.kwargs['condition_parser']);
    return { ...found.read(toKwargs(expectation.kwargs)), where };
  } catch (error) {
    if (error instanceof KwargProblem) return broken(error.message, [error.kwarg]);
    if (error instanceof RangeError) return broken(error.message, /row.condition/.test(error.message) ? ['row_condition'] : []);
    throw error;
  }
}

function toUnknown(type: string): string {
  const names = words.map((one) => one.type);
  const meant = suggest(type, names) ?? suggest(`expect_${type}`, names);
  return `there is no expectation of type "${type}"${meant === undefined ? '; "pawl check words" lists them' : `; did you mean "${meant}"?`}`;
}

function broken(problem: string, path: readonly string[] = []): Assertion {
  return { form: 'broken', problem, path, where: null };
}
