import type { DuckDBValue } from '@duckdb/node-api';
import type { CheckSuite, ExpectationResult, JsonValue, TableSource } from '@pawl/core';
import { isAboutFiles, toDuckReason, toTableFault } from '../reason.ts';
import type { Session } from '../session.ts';
import { openSource, readingFrom } from '../source.ts';
import { toBroken, toProbe } from './compile.ts';
import type { Finding, Probe } from './probe.ts';
import { fromText } from './value.ts';

const SAMPLES = 20;
const SAMPLE_LENGTH = 200;

/**
 * Evaluates a suite: one statement takes every aggregate and every count of rows in one pass, a second fetches examples of what failed. When the one statement breaks, each
 * expectation is asked alone, so that the one that broke it is an `error` and the others are judged.
 */
export async function checkSuite(session: Session, source: TableSource, suite: CheckSuite): Promise<readonly ExpectationResult[]> {
  const scan = await openSource(session, source);
  const probes = suite.expectations.map((expectation) => toProbe(expectation, scan));
  const { rows, findings } = await judgeAll();
  const samples = await fetchSamples();
  return suite.expectations.map((expectation, index) => {
    const { outcome, unexpectedCount, observed, note } = findings[index] ?? broken('it was not evaluated');
    return { expectation, outcome, elementCount: rows, unexpectedCount, observed, samples: samples.get(index) ?? [], note };
  });

  async function judgeAll(): Promise<{ readonly rows: number; readonly findings: readonly Finding[] }> {
    try {
      return await judge(probes);
    } catch (error) {
      // Of the files, not of an expectation: nothing that is asked alone would do better.
      if (isAboutFiles(error, source.paths)) throw toTableFault(source, error);
      const { rows: counted } = await readingFrom(source, () => judge([]));
      const alone: Finding[] = [];
      for (const probe of probes) alone.push(await judgeAlone(probe));
      return { rows: counted, findings: alone };
    }
  }

  async function judge(asked: readonly Probe[]): Promise<{ readonly rows: number; readonly findings: readonly Finding[] }> {
    const selects = ['count(*)', ...asked.flatMap((probe) => probe.selects)];
    const [answers = []] = await session.rows(
      `SELECT ${selects.map((select, index) => `${select} AS a${index}`).join(', ')} FROM ${scan.from}`,
    );
    const counted = Number(answers[0]);
    let at = 1;
    const judged = asked.map((probe) => {
      const own: readonly DuckDBValue[] = answers.slice(at, at + probe.selects.length);
      at += probe.selects.length;
      return probe.judge(own, counted);
    });
    return { rows: counted, findings: judged };
  }

  async function judgeAlone(probe: Probe): Promise<Finding> {
    try {
      return (await judge([probe])).findings[0] ?? broken('it was not evaluated');
    } catch (error) {
      return broken(toDuckReason(error, source.paths));
    }
  }

  async function fetchSamples(): Promise<ReadonlyMap<number, readonly JsonValue[]>> {
    const queries = probes.flatMap((probe, index) => {
      const { examples } = probe;
      if (examples === undefined || (findings[index]?.unexpectedCount ?? 0) === 0) return [];
      const texts = examples.values.map(({ sql }) => `left(CAST(${sql} AS VARCHAR), ${SAMPLE_LENGTH + 1})`);
      return [`(SELECT ${index} AS probe, [${texts.join(', ')}] AS texts FROM ${scan.from} ${examples.rest} LIMIT ${SAMPLES})`];
    });
    const found = new Map<number, JsonValue[]>();
    if (queries.length === 0) return found;
    for (const row of await readingFrom(source, () => session.rows(queries.join(' UNION ALL ')))) {
      const index = Number(row[0]);
      const kinds = probes[index]?.examples?.values.map(({ kind }) => kind) ?? [];
      const { items } = row[1] as unknown as { readonly items: readonly (string | null)[] };
      const values = items.map((text, at) => fromText(cut(text), kinds[at] ?? 'other'));
      const list = found.get(index) ?? [];
      list.push(values.length === 1 ? (values[0] ?? null) : values);
      found.set(index, list);
    }
    return found;
  }
}

function broken(problem: string): Finding {
  return toBroken(problem).judge([], 0);
}

/** Whole code points, so that no half of a pair is left. */
function cut(text: string | null): string | null {
  if (text === null || text.length <= SAMPLE_LENGTH) return text;
  const points = Array.from(text);
  return points.length <= SAMPLE_LENGTH ? text : `${points.slice(0, SAMPLE_LENGTH).join('')}…`;
}
