import type { ArtifactFile } from '../artifact/types.ts';
import type { LoggedDataset, Lifecycle, ModelOutput, Run, RunInput } from '../experiment/types.ts';
import type { LoggedModel, LoggedModelMetric } from '../logged-model/types.ts';
import type { Model, ModelVersion } from '../model/types.ts';

type Texts = Readonly<Record<string, string>>;

/** What is done about a record that is there already and is another than the one that comes. */
export type ConflictPolicy = 'fail' | 'skip' | 'update';

/** How the import of one record went. `conflict` and `failed` changed nothing. */
export type ImportOutcome = 'created' | 'updated' | 'unchanged' | 'skipped' | 'conflict' | 'failed';

export interface ImportResult {
  readonly id: string;
  readonly outcome: ImportOutcome;
  /** What stood in the way, or what came otherwise than it was; empty when nothing did. */
  readonly problem: string;
}

/** An experiment of another store. */
export interface ImportedExperiment {
  /** A decimal integer. See `isForeignId`. */
  readonly id: string;
  readonly name: string;
  /** Null: where this server keeps artifacts. */
  readonly artifactLocation: string | null;
  readonly lifecycle: Lifecycle;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: Texts;
}

/** A run without its metrics and files. */
export interface ImportedRun extends Omit<Run, 'artifactUri'> {
  /** Null: below its experiment's root. */
  readonly artifactUri: string | null;
  readonly deletedAt: number | null;
  readonly inputs: readonly RunInput[];
  readonly datasets: readonly LoggedDataset[];
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly ModelOutput[];
}

/** A value of a metric; NaN and the infinities are values. */
export type Point = readonly [step: number, time: number, value: number];

export interface ImportedSeries {
  readonly key: string;
  readonly points: readonly Point[];
}

/** A logged model without its metrics and files. */
export interface ImportedLoggedModel extends LoggedModel {
  readonly deletedAt: number | null;
}

export type ImportedModelMetric = Omit<LoggedModelMetric, 'model'>;

export interface ImportedModel extends Omit<Model, 'createdBy'> {
  readonly createdBy: string;
}

/** Where the files of a version are: at a URI, or in the folder of a run or logged model that is imported too. */
export type ImportedSource =
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'run' | 'model'; readonly id: string; readonly path: string };

export interface ImportedVersion extends Pick<
  ModelVersion,
  'model' | 'version' | 'run' | 'runLink' | 'stage' | 'description' | 'tags' | 'createdAt' | 'createdBy' | 'updatedAt'
> {
  readonly source: ImportedSource;
  readonly aliases: readonly string[];
}

/** Files that are stored already, for the tree of a run or logged model. */
export interface ImportedFiles {
  readonly owner: 'run' | 'model';
  readonly id: string;
  readonly files: readonly ArtifactFile[];
}
