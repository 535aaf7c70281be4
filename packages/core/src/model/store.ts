import type { Page, PageRequest } from '../ports/page.ts';
import type { SearchRequest } from '../search/types.ts';
import type { Model, ModelAlias, ModelStage, ModelVersion } from './types.ts';

export interface ModelReader {
  get(name: string): Promise<Model | undefined>;
  list(page: PageRequest): Promise<Page<Model>>;
  version(model: string, version: number): Promise<ModelVersion | undefined>;
  byKey(model: string, key: string): Promise<ModelVersion | undefined>;
  /** Newest first; with a stage, only versions in it. */
  versions(model: string, stage: ModelStage | undefined, page: PageRequest): Promise<Page<ModelVersion>>;
  /** The highest version in each stage of each of these models, by model and version. */
  latest(models: readonly string[]): Promise<readonly ModelVersion[]>;
  /** In the order asked for, then by name. Prompts only when the filter asks for them. */
  search(request: SearchRequest): Promise<Page<Model>>;
  /** In the order asked for (the last changed first when none is), then by model and the newest version first. */
  searchVersions(request: SearchRequest): Promise<Page<ModelVersion>>;
  /** By model and alias. */
  aliases(...models: readonly string[]): Promise<readonly ModelAlias[]>;
}

export interface ModelStore extends ModelReader {
  /** False when the name is taken. */
  create(model: Model): Promise<boolean>;
  /** Writes all but the name and the creation; tags become exactly those given. */
  update(model: Model): Promise<void>;
  /** Versions, tags and aliases follow; model and versions count as changed `at`. False when the new name is taken. */
  rename(name: string, to: string, at: number): Promise<boolean>;
  /** With its versions, tags and aliases. */
  remove(name: string): Promise<void>;
  /** False when that version number or key is taken. */
  insertVersion(version: ModelVersion): Promise<boolean>;
  /** Compare-and-set on `revision`; tags become exactly those given. */
  updateVersion(version: ModelVersion, expectedRevision: number): Promise<boolean>;
  /** With its tags and the aliases that name it. */
  removeVersion(model: string, version: number): Promise<void>;
  setAlias(alias: ModelAlias): Promise<void>;
  /** False when there is none. */
  removeAlias(model: string, alias: string): Promise<boolean>;
}
