import { compareRuns, fault } from '@pawl/core';
import type { CompareOptions, ComparedRun, RunComparison, Database, RunDetail, RunSearch } from '@pawl/core';

export interface CompareRequest extends Omit<CompareOptions, 'baseline'> {
  /** By id, in this order; or what a search finds. */
  readonly which: { readonly runs: readonly string[] } | { readonly search: RunSearch };
  /** Id of the run that the others are measured against; it comes first where it is not among them. */
  readonly baseline?: string;
}

export interface ComparedRuns extends RunComparison {
  readonly runs: readonly RunDetail['run'][];
  /** Names by number. */
  readonly experiments: ReadonlyMap<number, string>;
  readonly baseline: string | null;
}

export interface CompareService {
  /** Throws `run_not_found`; `invalid_input` where nothing is found. */
  compare(request: CompareRequest): Promise<ComparedRuns>;
}

export function createCompareService({ database }: { readonly database: Database }): CompareService {
  const { read } = database;

  async function detailOf(id: string): Promise<RunDetail> {
    const found = await read.runs.detail(id);
    if (found === undefined) throw fault('run_not_found', { id });
    return found;
  }

  async function find({ which, baseline }: CompareRequest): Promise<readonly RunDetail[]> {
    const found: RunDetail[] = [];
    if ('search' in which) found.push(...(await read.runs.search(which.search)).items);
    else for (const id of new Set(which.runs)) found.push(await detailOf(id));
    if (baseline !== undefined && !found.some(({ run }) => run.id === baseline)) found.unshift(await detailOf(baseline));
    if (found.length === 0)
      throw fault('invalid_input', { where: 'the search', problem: 'no run is like this; there is nothing to compare.' });
    return found;
  }

  return {
    async compare(request) {
      const details = await find(request);
      const extremes = Map.groupBy(await read.series.extremes(details.map(({ run }) => run.id)), ({ run }) => run);
      const compared: ComparedRun[] = [];
      const experiments = new Map<number, string>();
      for (const detail of details) {
        const { id, experiment } = detail.run;
        compared.push({ detail, extremes: extremes.get(id) ?? [], inputs: await read.runs.inputs(id) });
        if (!experiments.has(experiment)) experiments.set(experiment, (await read.experiments.get(experiment))?.name ?? String(experiment));
      }
      const { by, goals, baseline } = request;
      const place = baseline === undefined ? {} : { baseline: details.findIndex(({ run }) => run.id === baseline) };
      const comparison = compareRuns(compared, { by, ...place, ...(goals === undefined ? {} : { goals }) });
      return { ...comparison, runs: details.map(({ run }) => run), experiments, baseline: baseline ?? null };
    },
  };
}
