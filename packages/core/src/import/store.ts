import type { Experiment } from '../experiment/types.ts';
import type { ImportedExperiment, ImportedLoggedModel, ImportedModel, ImportedRun, Point } from './types.ts';

/** A point of a run, as pages of them come. */
export interface RunPoint {
  readonly run: string;
  readonly key: string;
  readonly point: Point;
}

export interface ImportReader {
  /** The experiment that MLflow's clients know by this number of more than 15 digits. */
  experimentOf(foreign: string): Promise<number | undefined>;
  /** All such numbers, by experiment. */
  foreignIds(): Promise<ReadonlyMap<number, string>>;
  /** Which of these runs, or logged models, are there, and whether their import has yet to end. */
  known(kind: ImportKind, ids: readonly string[]): Promise<ReadonlyMap<string, { readonly pending: boolean }>>;
  /** Points of these runs, those of one metric together and in the order of `comparePoints`; `after` is the last one of the page before. */
  points(runs: readonly string[], limit: number, after?: RunPoint): Promise<readonly RunPoint[]>;
  /** When a run was deleted; null when it was not, or nobody noted it. */
  deletedAt(run: string): Promise<number | null>;
  /** Whether anything was logged in the experiment. */
  isUsed(experiment: number): Promise<boolean>;
}

export type ImportKind = 'run' | 'model';

/** Writes records with the ids, numbers and times that they come with. */
export interface ImportStore extends ImportReader {
  /** Makes an experiment under its own number, or the next one when `number` is undefined; false when number or name is taken. */
  insertExperiment(experiment: ImportedExperiment, number: number | undefined): Promise<number | undefined>;
  /** Writes everything but the number; tags become exactly those given. False when the name is taken. */
  putExperiment(number: number, experiment: Omit<ImportedExperiment, 'id'>, before: Experiment): Promise<boolean>;
  /** Adds a run, or makes everything of it but metrics and files what is given. */
  putRun(run: Omit<ImportedRun, 'artifactUri'> & { readonly artifactUri: string }, fell: boolean): Promise<void>;
  putLoggedModel(model: ImportedLoggedModel): Promise<void>;
  /** Writes everything that a registered model has by itself; tags become exactly those given. */
  putModel(model: ImportedModel): Promise<void>;
  /** Marks that the import of a run or logged model has begun, or has ended. */
  mark(kind: ImportKind, ids: readonly string[], pending: boolean): Promise<void>;
}
