import { isForeignId, sameExperiment, sameTexts, settle, toExperimentRoot } from '@pawl/core';
import type { Experiment, ImportedExperiment, ImportResult, Readers, Writers } from '@pawl/core';
import { prepareDefault } from '../experiment/experiments.ts';
import { recordImport } from './event.ts';
import type { ImportPorts, ImportRequest, ImportService } from './service.ts';

export interface ExperimentResult extends ImportResult {
  /** Its number here, under which its runs are to come; null when they are not to. */
  readonly experiment: number | null;
  /** Root URI of its artifacts for clients. */
  readonly root: string | null;
}

const DEFAULT = 0;

interface Plan {
  readonly outcome: ImportResult['outcome'];
  readonly problem: string;
  readonly found: Experiment | undefined;
}

/** What would become of an experiment. */
async function plan(
  read: Pick<Readers, 'experiments' | 'imports'>,
  item: ImportedExperiment,
  renumber: boolean,
  { policy }: ImportRequest,
): Promise<Plan> {
  const named = await read.experiments.byName(item.name);
  const number = isForeignId(item.id) ? await read.imports.experimentOf(item.id) : Number(item.id);
  const found = renumber ? named : number === undefined ? undefined : await read.experiments.get(number);
  if (found === undefined) {
    if (named === undefined) return { outcome: 'created', problem: '', found };
    const problem = `experiment ${named.id} has the name "${item.name}" already`;
    return { outcome: policy === 'skip' ? 'skipped' : 'conflict', problem, found };
  }
  const same = sameExperiment(found, item);
  if (found.id === DEFAULT && !renumber) return planDefault(read, item, found, same);
  if (found.name !== item.name && !same) {
    const problem = `experiment ${found.id} is "${found.name}" here and "${item.name}" there`;
    return { outcome: policy === 'skip' ? 'skipped' : 'conflict', problem, found: undefined };
  }
  // Where it was found by name, its number and place are its own.
  const outcome = settle(same || (renumber && sameTexts(found.tags, item.tags) && found.lifecycle === item.lifecycle), policy);
  return { outcome, problem: outcome === 'conflict' ? `experiment ${found.id} differs` : '', found };
}

/** Every server has experiment 0: one that was never used becomes what comes, and one that was keeps its record. */
async function planDefault(read: Pick<Readers, 'imports'>, item: ImportedExperiment, found: Experiment, same: boolean): Promise<Plan> {
  if (same) return { outcome: 'unchanged', problem: '', found };
  const fresh = !(await read.imports.isUsed(DEFAULT)) && Object.keys(found.tags).length === 0 && found.name === 'Default';
  if (fresh) return { outcome: 'updated', problem: '', found };
  const lost = !Object.entries(item.tags).every(([key, value]) => found.tags[key] === value) || found.name !== item.name;
  return { outcome: 'unchanged', problem: lost ? 'experiment 0 is in use here: its runs come into it, its name and tags stay' : '', found };
}

export function createExperimentImport(ports: ImportPorts): ImportService['experiments'] {
  const { database, artifactRoot } = ports;
  const prepared = prepareDefault(ports);

  async function put(tx: Writers, item: ImportedExperiment, { found, outcome }: Plan, renumber: boolean): Promise<number | undefined> {
    if (outcome === 'updated' && found !== undefined) {
      const kept = renumber ? { ...item, artifactLocation: found.artifactLocation } : item;
      return (await tx.imports.putExperiment(found.id, kept, found)) ? found.id : undefined;
    }
    if (outcome !== 'created') return found?.id;
    const own = isForeignId(item.id) ? undefined : Number(item.id);
    const taken = own !== undefined && (await tx.experiments.get(own)) !== undefined;
    const foreignTaken = own === undefined && (await tx.imports.experimentOf(item.id)) !== undefined;
    return tx.imports.insertExperiment(foreignTaken ? { ...item, id: '' } : item, taken ? undefined : own);
  }

  return async (items, renumber, request, dryRun) => {
    await prepared();
    const act = async (read: Pick<Readers, 'experiments' | 'imports'>, tx: Writers | undefined): Promise<readonly ExperimentResult[]> => {
      const results: ExperimentResult[] = [];
      for (const item of items) {
        const planned = await plan(read, item, renumber, request);
        const number = tx === undefined ? planned.found?.id : await put(tx, item, planned, renumber);
        const own = number === undefined ? undefined : await read.experiments.get(number);
        const root = own === undefined ? null : toExperimentRoot(artifactRoot, own.id, own.artifactLocation);
        const { outcome, problem } = planned;
        const comes = outcome !== 'conflict' && number !== undefined;
        results.push({ id: item.id, outcome, problem, experiment: comes ? number : null, root });
      }
      return results;
    };
    if (dryRun) return act(database.read, undefined);
    return database.transaction(async (tx) => {
      const results = await act(tx, tx);
      await recordImport(ports, tx, 'experiments', results, request);
      return results;
    });
  };
}
