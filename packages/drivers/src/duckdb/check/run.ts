import type { DuckDBValue } from '@duckdb/node-api';
import { columnsOf } from '@pawl/core';
import type { CheckRequest, Expectation, ExpectationResult, TableSource } from '@pawl/core';
import { isAboutFiles, toDuckReason, toTableFault } from '../reason.ts';
import type { Row, Session } from '../session.ts';
import { openSource, readingFrom } from '../source.ts';
import { toIdentifier } from '../sql.ts';
import type { Scan } from '../source.ts';
import { openBatch } from './batch.ts';
import { toProbe } from './compile.ts';
import { toBroken } from './probe.ts';
import type { Batch, Finding, Pass, Probe } from './probe.ts';
import { openTallies } from './tally.ts';
import { fromSamples, toEarlySampleSelect } from './sample.ts';

/**
 * Evaluates expectations: one statement takes all counts and aggregates in one pass, after one for those that must know a mean first; a last one fetches examples of all that
 * failed. Only what looks beyond its row (repeated values, order, other tables) needs a statement of its own. When the one statement breaks, each expectation is asked alone,
 * so that the one that broke it is an `error` and the others are judged.
 */
export async function checkTable(session: Session, source: TableSource, request: CheckRequest): Promise<readonly ExpectationResult[]> {
  const { expectations } = request;
  const references = await openReferences(session, request);
  const { batch, close } = await openBatch(session, source, expectations);
  try {
    const tallies = await readingFrom(source, () => openTallies(session, batch, expectations));
    const { rows, whole } = await readingFrom(source, () => countRows(session, source, batch, expectations));
    const probes = expectations.map((expectation) => toProbe(expectation, { source, batch, references, at: request.at, tallies, whole }));
    const asking: Asking = { session, source, batch };
    const passes = await settle(asking, probes, rows);
    const findings = await judge(asking, passes, rows);
    const own = await askOwn(asking, probes, rows);
    const sampled = await sample(asking, passes, findings);
    return expectations.map((expectation, at) =>
      toResult(expectation, { ...(own.get(at) ?? findings[at] ?? broken('it was not evaluated')), ...sampled.get(at) }, rows),
    );
  } finally {
    await close();
  }
}

/**
 * How many rows there are, and which of the columns that are asked about together lack none: of a Parquet file its own figures say so, and then no row need be asked whether
 * there is anything to look at.
 */
async function countRows(
  session: Session,
  source: TableSource,
  batch: Batch,
  expectations: readonly Expectation[],
): Promise<{ readonly rows: number; readonly whole: ReadonlySet<string> }> {
  const together = new Set(expectations.map(columnsOf).flatMap((names) => (names.length > 1 ? names : [])));
  const columns =
    source.format === 'parquet' ? batch.columns.filter(({ name, type }) => together.has(name) && !/^(FLOAT|DOUBLE)$/.test(type)) : [];
  const counts = ['count(*)', ...columns.map(({ name }) => `count(${toIdentifier(name)})`)];
  const [row = []] = await session.rows(`SELECT ${counts.map((sql, at) => `${sql} AS a${at}`).join(', ')} FROM ${batch.from}`);
  const [rows = 0, ...there] = row.map(Number);
  return { rows, whole: new Set(columns.flatMap(({ name }, at) => (there[at] === rows ? [name] : []))) };
}

interface Asking {
  readonly session: Session;
  readonly source: TableSource;
  readonly batch: Batch;
}

function toResult(
  expectation: Expectation,
  { elementCount, samples = [], rows = [], ...finding }: Finding,
  all: number,
): ExpectationResult {
  return { expectation, ...finding, elementCount: elementCount ?? all, samples, rows };
}

async function openReferences(session: Session, request: CheckRequest): Promise<Readonly<Record<string, Scan>>> {
  const opened: Record<string, Scan> = {};
  for (const [name, source] of Object.entries(request.references ?? {})) opened[name] = await openSource(session, source);
  return opened;
}

/** Asks first what some must know before they can be asked. */
async function settle(asking: Asking, probes: readonly Probe[], rows: number): Promise<readonly (Pass | undefined)[]> {
  const known = await select(
    asking,
    probes.map((probe) => (probe.kind === 'staged' ? toList(probe, asking) : { from: asking.batch.from, selects: [] })),
  );
  return probes.map((probe, at) => {
    if (probe.kind !== 'staged') return probe.kind === 'pass' ? probe : undefined;
    const answers = known[at];
    return answers instanceof Array ? probe.asked(answers, rows) : toBroken(answers ?? '');
  });
}

async function judge(asking: Asking, passes: readonly (Pass | undefined)[], rows: number): Promise<readonly (Finding | undefined)[]> {
  const answers = await select(
    asking,
    passes.map((pass) => (pass === undefined ? { from: asking.batch.from, selects: [] } : toList(pass, asking))),
  );
  return passes.map((pass, at) => {
    const answer = answers[at];
    return pass === undefined ? undefined : answer instanceof Array ? pass.judge(answer, rows) : broken(answer ?? '');
  });
}

async function askOwn({ session, source, batch }: Asking, probes: readonly Probe[], rows: number): Promise<ReadonlyMap<number, Finding>> {
  const found = new Map<number, Finding>();
  for (const [at, probe] of probes.entries()) {
    if (probe.kind !== 'own') continue;
    try {
      found.set(at, await probe.ask(session, batch, rows));
    } catch (error) {
      if (isAboutFiles(error, source.paths)) throw toTableFault(source, error);
      found.set(at, broken(error instanceof RangeError ? error.message : toDuckReason(error, source.paths)));
    }
  }
  return found;
}

async function sample(
  asking: Asking,
  passes: readonly (Pass | undefined)[],
  findings: readonly (Finding | undefined)[],
): Promise<ReadonlyMap<number, Partial<Finding>>> {
  const { numbered } = asking.batch;
  const wanted = passes.map((pass, at) => ((findings[at]?.unexpectedCount ?? 0) > 0 ? pass?.examples : undefined));
  const found = await select(
    asking,
    wanted.map((examples) => ({ from: '(SELECT 1)', selects: examples === undefined ? [] : [toEarlySampleSelect(examples, numbered)] })),
  );
  return new Map<number, Partial<Finding>>(
    wanted.flatMap((examples, at): readonly (readonly [number, Partial<Finding>])[] => {
      const answer = found[at];
      if (examples === undefined) return [];
      if (typeof answer === 'string') return [[at, { note: `no samples: ${answer}` }]];
      return [[at, fromSamples(answer?.[0] ?? null, examples)]];
    }),
  );
}

type Answers = readonly DuckDBValue[];

/** Aggregates that are asked of one table, or of those of its rows that meet a condition. */
interface List {
  readonly from: string;
  readonly selects: readonly string[];
}

function toList({ from, where, selects }: Pick<Pass, 'from' | 'where' | 'selects'>, { batch }: Asking): List {
  const table = from ?? batch.from;
  return { from: where === undefined ? table : `${table} WHERE ${where}`, selects };
}

/**
 * Asks all lists of one table in one statement, the same aggregate once; on trouble that is not of the files each list alone. A text instead of answers says what is wrong
 * with it.
 */
async function select({ session, source }: Asking, lists: readonly List[]): Promise<readonly (Answers | string)[]> {
  const ask = async (from: string, asked: readonly List[]): Promise<readonly Answers[]> => {
    const selects = [...new Set(asked.flatMap((list) => list.selects))];
    if (selects.length === 0) return asked.map(() => []);
    const places = new Map(selects.map((sql, at) => [sql, at]));
    const [row = []]: readonly Row[] = await session.rows(`SELECT ${selects.map((sql, at) => `${sql} AS a${at}`).join(', ')} FROM ${from}`);
    return asked.map((list) => list.selects.map((sql) => row[places.get(sql) as number] ?? null));
  };
  const answered = new Map<List, Answers | string>();
  for (const from of new Set(lists.map((list) => list.from))) {
    const asked = lists.filter((list) => list.from === from);
    try {
      const answers = await ask(from, asked);
      asked.forEach((list, at) => answered.set(list, answers[at] ?? []));
    } catch (error) {
      // Of the files, not of an expectation: nothing that is asked alone would do better.
      if (isAboutFiles(error, source.paths)) throw toTableFault(source, error);
      for (const list of asked)
        answered.set(
          list,
          await ask(from, [list]).then(
            ([answers]) => answers ?? [],
            (reason: unknown) => toDuckReason(reason, source.paths),
          ),
        );
    }
  }
  return lists.map((list) => answered.get(list) ?? []);
}

function broken(problem: string): Finding {
  return toBroken(problem).judge([], 0);
}
