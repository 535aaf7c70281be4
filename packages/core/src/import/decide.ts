import type { Experiment } from '../experiment/types.ts';
import type { ConflictPolicy, ImportedExperiment, ImportedVersion, ImportOutcome } from './types.ts';
import type { Model, ModelVersion } from '../model/types.ts';

/** Numbers up to here are numbers of experiments here too. Longer ones (MLflow's file store gives 18 digits, more than a number holds exactly) name an experiment for MLflow's clients beside its number. */
const MOST_DIGITS = 9;

export function isForeignId(id: string): boolean {
  return id.length > MOST_DIGITS;
}

/** What becomes of a record that is there already. */
export function settle(same: boolean, policy: ConflictPolicy): Extract<ImportOutcome, 'unchanged' | 'updated' | 'skipped' | 'conflict'> {
  if (same) return 'unchanged';
  return policy === 'update' ? 'updated' : policy === 'skip' ? 'skipped' : 'conflict';
}

type Texts = Readonly<Record<string, string>>;

export function sameTexts(a: Texts, b: Texts): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}

export function sameExperiment(here: Experiment, there: ImportedExperiment): boolean {
  return (
    here.name === there.name &&
    here.lifecycle === there.lifecycle &&
    here.createdAt === there.createdAt &&
    here.updatedAt === there.updatedAt &&
    here.artifactLocation === there.artifactLocation &&
    sameTexts(here.tags, there.tags)
  );
}

export function sameModel(here: Model, there: Pick<Model, 'description' | 'tags' | 'createdAt' | 'updatedAt' | 'lastVersion'>): boolean {
  return (
    here.description === there.description &&
    here.createdAt === there.createdAt &&
    here.updatedAt === there.updatedAt &&
    here.lastVersion >= there.lastVersion &&
    sameTexts(here.tags, there.tags)
  );
}

/** `source` is the URI that the version's source means here; `aliases` are those that it has here. */
export function sameVersion(here: ModelVersion, there: ImportedVersion, source: string, aliases: readonly string[]): boolean {
  return (
    here.source === source &&
    here.run === there.run &&
    here.runLink === there.runLink &&
    here.stage === there.stage &&
    here.description === there.description &&
    here.createdAt === there.createdAt &&
    here.updatedAt === there.updatedAt &&
    sameTexts(here.tags, there.tags) &&
    there.aliases.every((alias) => aliases.includes(alias))
  );
}

/** Deleting an experiment deletes its runs one after the other, right after it: those fell with it, and come back with it. */
const FALL_MS = 5000;

export function fellWith(experiment: Pick<Experiment, 'lifecycle' | 'updatedAt'>, deletedAt: number | null): boolean {
  return experiment.lifecycle === 'deleted' && (deletedAt === null || deletedAt >= experiment.updatedAt - FALL_MS);
}
