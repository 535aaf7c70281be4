import { CONTEXT_TAG } from './name.ts';
import type { MetricExtremes } from './store.ts';
import type { Goal } from './goal.ts';
import { goalOf } from './goal.ts';
import type { RunDetail, RunInput } from './types.ts';

/** A run with what a comparison looks at besides. */
export interface ComparedRun {
  readonly detail: RunDetail;
  readonly extremes: readonly MetricExtremes[];
  readonly inputs: readonly RunInput[];
}

/** One thing of each run, in the order of the runs; null where a run has none. */
export interface ComparedText {
  readonly key: string;
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
}

export interface ComparedMetric {
  readonly key: string;
  /** Which way is better; null where neither the name nor the caller tells. */
  readonly goal: Goal | null;
  /** The values that are compared: the last, or the best of each run. */
  readonly values: readonly (number | null)[];
  readonly least: readonly (number | null)[];
  readonly greatest: readonly (number | null)[];
  /** What each differs from the baseline's by; null without a baseline, and where either is no finite number. */
  readonly deltas: readonly (number | null)[];
  /** Places of the runs that have the best value; none where all that have one have the same. */
  readonly best: readonly number[];
}

export interface ComparedData {
  readonly name: string;
  /** Its version, or the digest that a client told. */
  readonly version: string;
  /** What for; may be empty. */
  readonly role: string;
  readonly used: readonly boolean[];
}

export interface RunComparison {
  readonly params: readonly ComparedText[];
  readonly metrics: readonly ComparedMetric[];
  readonly tags: readonly ComparedText[];
  readonly code: readonly ComparedText[];
  readonly environment: readonly ComparedText[];
  readonly data: readonly ComparedData[];
}

export interface CompareOptions {
  /** Place of the run that the others are measured against. */
  readonly baseline?: number;
  /** `last` value of each run, or its `best` where a goal is known. */
  readonly by: 'last' | 'best';
  /** For metrics whose name does not tell, or tells wrong. */
  readonly goals?: Readonly<Record<string, Goal>>;
}

/** Sets runs beside each other: everything that any of them has, by key. */
export function compareRuns(runs: readonly ComparedRun[], options: CompareOptions): RunComparison {
  const heads = runs.map(({ detail }) => detail.run);
  return {
    params: toTexts(heads.map(({ params }) => params)),
    metrics: toMetrics(runs, options),
    // The names of runs are theirs, and no difference.
    tags: toTexts(heads.map(({ tags }) => tags)).filter(({ key }) => key !== 'mlflow.runName'),
    code: toTexts(
      heads.map(({ code }) =>
        code === null ? {} : { commit: code.commit, branch: code.branch ?? undefined, patch: code.patch ?? undefined },
      ),
    ),
    environment: toTexts(heads.map(({ environment }) => environment)),
    data: toData(runs),
  };
}

function toTexts(records: readonly Readonly<Record<string, string | undefined>>[]): readonly ComparedText[] {
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))].toSorted();
  return keys.flatMap((key) => {
    const values = records.map((record) => (Object.hasOwn(record, key) ? (record[key] ?? null) : null));
    return values.every((value) => value === null) ? [] : [{ key, values, differs: new Set(values).size > 1 }];
  });
}

function toMetrics(runs: readonly ComparedRun[], { baseline, by, goals = {} }: CompareOptions): readonly ComparedMetric[] {
  const keys = [...new Set(runs.flatMap(({ detail }) => detail.metrics.map(({ key }) => key)))].toSorted();
  return keys.map((key) => {
    const goal = Object.hasOwn(goals, key) ? (goals[key] as Goal) : goalOf(key);
    const extremes = runs.map((run) => run.extremes.find((each) => each.key === key));
    const last = runs.map(({ detail }) => detail.metrics.find((each) => each.key === key)?.value ?? null);
    const least = extremes.map((each) => each?.least ?? null);
    const greatest = extremes.map((each) => each?.greatest ?? null);
    const values = by === 'last' || goal === null ? last : goal === 'min' ? least : greatest;
    const measure = baseline === undefined ? null : (values[baseline] ?? null);
    return { key, goal, values, least, greatest, deltas: values.map((value) => deltaOf(value, measure)), best: bestOf(values, goal) };
  });
}

function deltaOf(value: number | null, measure: number | null): number | null {
  return value !== null && measure !== null && Number.isFinite(value) && Number.isFinite(measure) ? value - measure : null;
}

function bestOf(values: readonly (number | null)[], goal: Goal | null): readonly number[] {
  const there = values.filter((value) => value !== null && !Number.isNaN(value)) as number[];
  if (goal === null || new Set(there).size < 2) return [];
  const best = there.reduce((a, b) => (goal === 'min' ? Math.min(a, b) : Math.max(a, b)));
  return values.flatMap((value, at) => (value === best ? [at] : []));
}

function toData(runs: readonly ComparedRun[]): readonly ComparedData[] {
  const found = new Map<string, ComparedData & { readonly used: boolean[] }>();
  for (const [at, { detail, inputs }] of runs.entries()) {
    const uses = [
      ...inputs.map(({ dataset, version, role }) => ({ name: dataset, version: String(version), role })),
      // Clients of MLflow see a version kept here as a dataset too: it is the same use.
      ...detail.datasets
        .map(({ name, digest, tags }) => ({ name, version: digest, role: tags[CONTEXT_TAG] ?? '' }))
        .filter(({ name, role }) => !inputs.some((input) => input.dataset === name && input.role === role)),
    ];
    for (const use of uses) {
      const id = JSON.stringify([use.name, use.version, use.role]);
      const one = found.get(id) ?? { ...use, used: runs.map(() => false) };
      one.used[at] = true;
      found.set(id, one);
    }
  }
  return [...found.values()].toSorted(
    (a, b) => compareText(a.name, b.name) || compareText(a.role, b.role) || compareText(a.version, b.version),
  );
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
