import type { Page, PageRequest } from '../ports/page.ts';
import type { Model, ModelAlias, ModelStage, ModelVersion } from './types.ts';

export interface ModelReader {
  get(name: string): Promise<Model | undefined>;
  list(page: PageRequest): Promise<Page<Model>>;
  version(model: string, version: number): Promise<ModelVersion | undefined>;
  byKey(model: string, key: string): Promise<ModelVersion | undefined>;
  /** Newest first; with a stage, only versions in it. */
  versions(model: string, stage: ModelStage | undefined, page: PageRequest): Promise<Page<ModelVersion>>;
  aliases(model: string): Promise<readonly ModelAlias[]>;
}

export interface ModelStore extends ModelReader {
  /** No-op when it exists. */
  create(model: Model): Promise<void>;
  /** False when that version number or key is taken. */
  insertVersion(version: ModelVersion): Promise<boolean>;
  /** Compare-and-set on `revision`. */
  updateVersion(version: ModelVersion, expectedRevision: number): Promise<boolean>;
  setAlias(alias: ModelAlias): Promise<void>;
}
