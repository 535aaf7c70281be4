import { fault, isPackagePath, parentsOf, toArtifactPath, toEntries, toOwnedPath, toProxyPath } from '@pawl/core';
import type {
  ArtifactEntry,
  ArtifactFile,
  ArtifactPlace,
  ArtifactReader,
  ArtifactTree,
  Blobs,
  ByteRange,
  Database,
  LoggedModel,
  ModelVersion,
  RunHead,
} from '@pawl/core';
import { readManifest } from '../dataset/manifest-blob.ts';
import { loggedModelUri } from '../logged-model/uri.ts';

export interface ArtifactPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  /** Root URI of experiments that name no location of their own. */
  readonly artifactRoot: string;
}

export interface ArtifactService {
  /** Where a path below the root of the artifact proxy leads: into the tree of the run or logged model that has its files there, else by itself. Throws `path_unsafe`. */
  locate(path: string): Promise<ArtifactPlace>;
  /** Where a URI leads (`mlflow-artifacts:`, `runs:/<id>/<path>`, `models:/<m-id>/<path>`); null when its files are not kept here. Throws `path_unsafe`. */
  fromUri(uri: string): Promise<ArtifactPlace | null>;
  /** Stores a file while it streams in; the last one under a path wins. Throws `artifact_is_folder`, `artifact_under_file`. */
  put(place: ArtifactPlace, source: AsyncIterable<Uint8Array>): Promise<ArtifactFile>;
  /** Throws `artifact_not_found`, `artifact_is_folder`. */
  file(place: ArtifactPlace): Promise<ArtifactFile>;
  /** What lies directly in a folder, by name; nothing where there is none. */
  list(place: ArtifactPlace): Promise<readonly ArtifactEntry[]>;
  /** Every file in a folder and below it, by path relative to the folder. */
  files(place: ArtifactPlace): Promise<readonly ArtifactFile[]>;
  /** A file, or a folder with all that is below it; nothing happens where there is none. */
  remove(place: ArtifactPlace): Promise<void>;
  /** A file of a model version, out of its package or from where its source leads. Throws `artifact_not_found`, `artifact_is_folder`, `path_unsafe`. */
  ofVersion(version: ModelVersion, path: string): Promise<ArtifactFile>;
  content(file: ArtifactFile, range?: ByteRange): AsyncIterable<Uint8Array>;
}

export function createArtifactService({ database, blobs, artifactRoot }: ArtifactPorts): ArtifactService {
  const { read } = database;

  /** Path below the proxy of the folder that holds the owner's files; undefined when there is no such owner. */
  async function rootOf(owner: 'run' | 'model', id: string): Promise<string | null | undefined> {
    const uri = owner === 'run' ? runUri(await read.runs.head(id)) : await modelUri(await read.loggedModels.get(id));
    return uri === undefined ? undefined : toProxyPath(uri);
  }

  async function modelUri(model: LoggedModel | undefined): Promise<string | undefined> {
    return model && loggedModelUri(read, artifactRoot, model);
  }

  async function locate(text: string): Promise<ArtifactPlace> {
    const path = toArtifactPath(text);
    const owned = toOwnedPath(path);
    // Only below its own root: elsewhere a path that looks like it is somebody else's.
    if (owned !== null && (await rootOf(owned.owner, owned.id)) === path.slice(0, path.length - owned.path.length).replace(/\/$/, '')) {
      return { tree: `${owned.owner}/${owned.id}`, path: owned.path };
    }
    return { tree: 'free', path };
  }

  async function fromUri(uri: string): Promise<ArtifactPlace | null> {
    const below = toProxyPath(uri);
    if (below !== null) return locate(decodePath(below));
    const [, scheme, id = '', path = ''] = /^(runs|models):\/+([^/]+)\/?(.*)$/is.exec(uri) ?? [];
    if (scheme === undefined) return null;
    const owner = scheme.toLowerCase() === 'runs' ? 'run' : 'model';
    const root = await rootOf(owner, id);
    return root === undefined || root === null ? null : { tree: `${owner}/${id}`, path: toArtifactPath(path) };
  }

  async function fileAt(place: ArtifactPlace): Promise<ArtifactFile> {
    const file = await read.artifacts.file(place);
    if (file !== undefined) return file;
    if (place.path === '' || (await read.artifacts.isFolder(place))) throw fault('artifact_is_folder', { path: place.path });
    throw fault('artifact_not_found', { path: place.path });
  }

  return {
    locate,
    fromUri,
    async put(place, source) {
      await requireFilePlace(read.artifacts, place);
      const file: ArtifactFile = { path: place.path, ...(await blobs.putStream(source)) };
      await putFile(database, place.tree, file);
      return file;
    },
    file: fileAt,
    list: async (place) => toEntries(place.path, await read.artifacts.below(place)),
    async files(place) {
      const start = place.path === '' ? 0 : place.path.length + 1;
      return (await read.artifacts.below(place)).map((file) => ({ ...file, path: file.path.slice(start) }));
    },
    async remove(place) {
      requireChangeable(place);
      await database.transaction((tx) => tx.artifacts.remove(place));
    },
    async ofVersion({ package: digest, location, source }, path) {
      if (digest !== null) {
        const found = (await readManifest(blobs, digest)).entries.find((entry) => entry.path === path);
        if (found === undefined) throw fault('artifact_not_found', { path });
        return { path, digest: found.digest, size: found.size };
      }
      const folder = await fromUri(location ?? source ?? '');
      if (folder === null) throw fault('artifact_not_found', { path });
      return fileAt({ ...folder, path: folder.path === '' ? path : `${folder.path}/${path}` });
    },
    content: ({ digest }, range) => (range === undefined ? blobs.stream(digest) : blobs.streamRange(digest, range)),
  };
}

/** Enters a stored file in its tree. Throws `artifact_is_folder`, `artifact_under_file`. */
export async function putFile(database: Database, tree: ArtifactTree, file: ArtifactFile): Promise<void> {
  await database.transaction(async (tx) => {
    await requireFilePlace(tx.artifacts, { tree, path: file.path });
    await tx.artifacts.put(tree, file);
  });
}

/** No path may be a file and a folder at once. */
export async function requireFilePlace(artifacts: ArtifactReader, place: ArtifactPlace): Promise<void> {
  const { tree, path } = place;
  if (path === '' || (await artifacts.isFolder(place))) throw fault('artifact_is_folder', { path });
  requireChangeable(place);
  const file = await artifacts.firstFile(tree, parentsOf(path));
  if (file !== undefined) throw fault('artifact_under_file', { path, file });
}

/** What a version was judged by stays what clients load. */
function requireChangeable({ tree, path }: ArtifactPlace): void {
  if (tree === 'free' && isPackagePath(path)) throw fault('artifact_read_only', { path });
}

function runUri(run: RunHead | undefined): string | undefined {
  return run?.artifactUri;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw fault('path_unsafe', { path });
  }
}
