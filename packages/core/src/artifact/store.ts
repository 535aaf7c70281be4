import type { ArtifactFile, ArtifactPart, ArtifactPlace, ArtifactTree, ArtifactUpload } from './types.ts';

export interface ArtifactReader {
  file(place: ArtifactPlace): Promise<ArtifactFile | undefined>;
  /** All files in a folder and below it, by path; those of the whole tree for `''`. */
  below(place: ArtifactPlace): Promise<readonly ArtifactFile[]>;
  /** The first of these paths that is a file. */
  firstFile(tree: ArtifactTree, paths: readonly string[]): Promise<string | undefined>;
  isFolder(place: ArtifactPlace): Promise<boolean>;
  upload(id: string): Promise<ArtifactUpload | undefined>;
  /** By number. */
  parts(upload: string): Promise<readonly ArtifactPart[]>;
}

export interface ArtifactStore extends ArtifactReader {
  /** The last one under a path wins. */
  put(tree: ArtifactTree, file: ArtifactFile): Promise<void>;
  /** A file, or a folder with all that is below it. */
  remove(place: ArtifactPlace): Promise<void>;
  /** Forgets uploads begun before `abandoned`, epoch ms. */
  insertUpload(upload: ArtifactUpload, abandoned: number): Promise<void>;
  /** Sent again, a part replaces the one before. */
  putPart(upload: string, part: ArtifactPart): Promise<void>;
  /** With its parts; false when it was not there. */
  removeUpload(id: string): Promise<boolean>;
}
