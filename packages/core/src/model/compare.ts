import { compareRuns } from '../experiment/compare.ts';
import type { ComparedData, ComparedMetric, ComparedRun, ComparedText } from '../experiment/compare.ts';
import { goalOf } from '../experiment/goal.ts';
import type { Goal } from '../experiment/goal.ts';
import type { GateDecision, Verdict } from '../gate/types.ts';
import type { ModelSignature } from './signature.ts';
import type { ModelVersion } from './types.ts';

/** A version with what a comparison looks at besides. */
export interface ComparedVersion {
  readonly version: ModelVersion;
  readonly aliases: readonly string[];
  /** Null where the version names no run, or one that is gone. */
  readonly run: ComparedRun | null;
  /** The newest. */
  readonly gate: GateDecision | null;
  /** Null where its files are not stored here, or its package tells none. */
  readonly signature: ModelSignature | null;
  readonly size: { readonly files: number; readonly bytes: number } | null;
}

/** A check that the gate made of either; each array has a value for the first version and one for the second. */
export interface ComparedCheck {
  readonly name: string;
  readonly verdicts: readonly (Verdict | null)[];
  /** What was measured, with its one-sided bounds; null where a check measured nothing. */
  readonly values: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
  readonly goal: Goal | null;
  readonly best: readonly number[];
}

export interface ComparedField {
  readonly part: 'input' | 'output' | 'param';
  readonly name: string;
  /** Null where the version has none of that name. */
  readonly types: readonly (string | null)[];
  readonly differs: boolean;
}

export interface VersionComparison {
  readonly params: readonly ComparedText[];
  /** Deltas are the second's less the first's. */
  readonly metrics: readonly ComparedMetric[];
  readonly checks: readonly ComparedCheck[];
  /** Whether their gates judged both on the same data: only then do the measures of one say something beside those of the other. */
  readonly comparable: boolean;
  readonly data: readonly ComparedData[];
  readonly signature: readonly ComparedField[];
  /** Tags of the versions. */
  readonly tags: readonly ComparedText[];
  readonly code: readonly ComparedText[];
}

const NO_RUN: ComparedRun = {
  detail: {
    run: {
      id: '',
      experiment: 0,
      name: '',
      status: 'finished',
      startedAt: 0,
      endedAt: null,
      code: null,
      environment: {},
      user: '',
      lifecycle: 'active',
      artifactUri: '',
      params: {},
      tags: {},
    },
    metrics: [],
    datasets: [],
    modelInputs: [],
    modelOutputs: [],
  },
  extremes: [],
  inputs: [],
};

/** Sets two versions beside each other; the first is what the second is measured against. */
export function compareVersions(first: ComparedVersion, second: ComparedVersion): VersionComparison {
  const both = [first, second] as const;
  const runs = both.map(({ run, version }): ComparedRun => {
    const of = run ?? NO_RUN;
    // What a version says that it was trained on counts; its run may have read other data too.
    return version.inputs.length === 0 ? of : { ...of, inputs: version.inputs, detail: { ...of.detail, datasets: [] } };
  });
  // What machines measured of themselves is no merit of a model.
  const own = runs.map((run) => ({
    ...run,
    detail: { ...run.detail, metrics: run.detail.metrics.filter(({ key }) => !key.startsWith('system/')) },
  }));
  const keys = own.flatMap(({ detail }) => detail.metrics.map(({ key }) => key));
  const { params, metrics, data, code } = compareRuns(own, { by: 'last', baseline: 0, goals: gateGoals(keys) });
  const bare = both.map(({ version }) => ({ ...NO_RUN, detail: { ...NO_RUN.detail, run: { ...NO_RUN.detail.run, tags: version.tags } } }));
  const comparable = areComparable(first.gate, second.gate);
  return {
    params,
    metrics,
    checks: toChecks(both, comparable),
    comparable,
    data,
    signature: toFields(both),
    tags: compareRuns(bare, { by: 'last' }).tags,
    code,
  };
}

/** Accuracy and F1, which a gate takes, tell by their names which way is better, and so do most; its false-positive rate does not when it is written out. */
function gateGoals(keys: readonly string[]): Readonly<Record<string, Goal>> {
  const rates = keys.filter((key) => goalOf(key) === null && /(^|[^a-z])false[^a-z]?positive[^a-z]?rate$/i.test(key));
  return Object.fromEntries(rates.map((key) => [key, 'min' as const]));
}

function areComparable(first: GateDecision | null, second: GateDecision | null): boolean {
  if (first === null || second === null) return false;
  const [one, other] = [first.evaluation, second.evaluation];
  return one.dataset === other.dataset && one.version === other.version;
}

/** Which way the measure of a gate's check is better, by the check's name. A difference to the champion is one of accuracy. */
const CHECK_GOALS: Readonly<Record<string, Goal>> = { 'F1 floor': 'max', 'false-positive limit': 'min' };

function toChecks(both: readonly ComparedVersion[], comparable: boolean): readonly ComparedCheck[] {
  const names = new Set(both.flatMap(({ gate }) => gate?.checks.map(({ name }) => name) ?? []));
  return Array.from(names, (name) => {
    const checks = both.map(({ gate }) => gate?.checks.find((one) => one.name === name));
    const numberOf = (...keys: readonly string[]): readonly (number | null)[] =>
      checks.map((check) => {
        const found = keys.map((key) => check?.numbers[key]).find((value) => typeof value === 'number');
        return typeof found === 'number' ? found : null;
      });
    const goal = CHECK_GOALS[name] ?? null;
    const values = numberOf('value', 'difference');
    const [one, other] = values;
    const isDecided = comparable && goal !== null && typeof one === 'number' && typeof other === 'number' && one !== other;
    const best = isDecided ? [one < other === (goal === 'min') ? 0 : 1] : [];
    const verdicts = checks.map((check) => check?.verdict ?? null);
    return { name, verdicts, values, lower: numberOf('low', 'lower'), upper: numberOf('high', 'upper'), goal, best };
  });
}

function toFields(both: readonly ComparedVersion[]): readonly ComparedField[] {
  return (
    [
      ['input', 'inputs'],
      ['output', 'outputs'],
      ['param', 'params'],
    ] as const
  ).flatMap(([part, key]) => {
    const of = both.map(({ signature }) => signature?.[key] ?? []);
    const names = new Set(of.flat().map(({ name }) => name));
    return Array.from(names, (name) => {
      const types = of.map((fields) => fields.find((field) => field.name === name)?.type ?? null);
      return { part, name, types, differs: types[0] !== types[1] };
    });
  });
}
