import { LEGACY_CHUNK, fault, fromRefText, fromTreeText, isFault, isSafePath, toTreeText, toUnixLines } from '@pawl/core';
import type { Blobs, ByteRange, Checksum, Clock, Database, DatasetRef, DvcObject, DvcOutput, Ids, Manifest, Md5 } from '@pawl/core';
import type { AddedVersion, DatasetService, PreparedVersion } from '../dataset/service.ts';
import { retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';

export interface DvcPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly datasets: DatasetService;
  readonly md5: Md5;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Which object of which dataset. */
export interface DvcName {
  readonly dataset: string;
  /** MD5 in 32 hex digits, with `.dir` behind it for a directory's list. */
  readonly name: string;
  readonly legacy: boolean;
}

export interface PublishedFile {
  readonly path: string;
  readonly md5: string;
  readonly size: number;
  readonly mode: number;
}

export interface PublishedVersion {
  /** The version as a directory. */
  readonly output: DvcOutput;
  readonly files: readonly PublishedFile[];
}

export interface DvcService {
  /** Throws `dvc_object_not_found`. */
  object(name: DvcName): Promise<DvcObject>;
  content(object: DvcObject, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Those of the names that are not stored. */
  missing(dataset: string, names: readonly string[], legacy: boolean): Promise<readonly string[]>;
  /**
   * Stores an object whose bytes have the MD5 of its name. The list of a directory is taken once all that it lists is there; then, if `version` says so, it becomes a
   * version of the dataset. Throws `dvc_object_mismatch`, `dvc_object_collision`, `dvc_tree_invalid`, `dvc_tree_incomplete`; nothing is stored then.
   */
  put(
    name: DvcName,
    content: AsyncIterable<Uint8Array>,
    options: { readonly version: boolean; readonly actor: string },
  ): Promise<DvcObject>;
  /** Makes a version out of an object that is stored: of a directory all that it lists, of a file the file, at `path`. */
  adopt(name: DvcName, options: { readonly path: string; readonly message: string; readonly actor: string }): Promise<AddedVersion>;
  /** Names every file of a version, and the version as a directory, as DVC does, so that it can be pulled. Throws `dvc_object_collision`. */
  publish(ref: DatasetRef, actor: string): Promise<PublishedVersion>;
}

const isTree = (name: string): boolean => name.endsWith('.dir');
const DEFAULT_MODE = 0o644;
/** A directory of a million files. */
const LARGEST_TREE = 256 * 1024 * 1024;
const HASHED_AT_ONCE = 4;

/** Passes bytes on; ends with `dvc_object_mismatch` unless they have the MD5 wanted, which for legacy names may be that of Unix lines. */
async function* verified(content: AsyncIterable<Uint8Array>, { name, legacy }: DvcName, md5: Md5): AsyncGenerator<Uint8Array> {
  const plain = md5();
  const lines = legacy ? createLineChecksum(md5()) : undefined;
  for await (const chunk of content) {
    plain.update(chunk);
    lines?.update(chunk);
    yield chunk;
  }
  const wanted = name.slice(0, 32);
  const found = plain.end();
  if (found !== wanted && lines?.end() !== wanted) throw fault('dvc_object_mismatch', { name, found });
}

/** The checksum of Unix lines, whatever pieces the bytes come in. */
function createLineChecksum(checksum: Checksum): Checksum {
  let held = new Uint8Array(0);
  return {
    update: (bytes) => {
      let rest = held.length === 0 ? bytes : concat(held, bytes);
      for (; rest.length >= LEGACY_CHUNK; rest = rest.subarray(LEGACY_CHUNK)) checksum.update(toUnixLines(rest.subarray(0, LEGACY_CHUNK)));
      held = rest.slice();
    },
    end: () => {
      checksum.update(toUnixLines(held));
      return checksum.end();
    },
  };
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

export function createDvcService(ports: DvcPorts): DvcService {
  const { database, blobs, datasets, md5, clock } = ports;

  const findMany = async (
    { dataset, legacy }: Omit<DvcName, 'name'>,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, DvcObject>> => {
    const found = await database.read.dvc.find(dataset, [...new Set(names)], legacy);
    return new Map(found.map((object) => [object.name, object]));
  };

  const object = async (name: DvcName): Promise<DvcObject> => {
    const found = (await findMany(name, [name.name])).get(name.name);
    if (found === undefined) throw fault('dvc_object_not_found', { name: name.name });
    return found;
  };

  /** The files that a directory's list names, all of them stored. */
  const readTree = async (name: DvcName, size: number, text: () => Promise<Uint8Array>): Promise<Manifest> => {
    if (size > LARGEST_TREE) throw fault('dvc_tree_invalid', { name: name.name, problem: `it is larger than ${LARGEST_TREE} bytes.` });
    const entries = fromTreeText(new TextDecoder().decode(await text()), name.name);
    const known = await findMany(
      name,
      entries.map((entry) => entry.md5),
    );
    const lacking = new Set(entries.filter((entry) => !known.has(entry.md5)).map((entry) => entry.md5));
    const [example] = lacking;
    if (example !== undefined) throw fault('dvc_tree_incomplete', { name: name.name, missing: lacking.size, example });
    return {
      entries: entries.map((entry) => {
        const { digest, size: bytes } = known.get(entry.md5) as DvcObject;
        return { path: entry.relpath, digest, size: bytes, mode: DEFAULT_MODE };
      }),
    };
  };

  /** Undefined for what cannot be a version: no file, or a path that only POSIX can hold. */
  const prepare = async (dataset: string, manifest: Manifest, message: string, actor: string): Promise<PreparedVersion | undefined> => {
    if (manifest.entries.length === 0 || !manifest.entries.every(({ path }) => isSafePath(path))) return undefined;
    return datasets.prepare({ dataset, manifest, message, actor, task: null });
  };

  /**
   * Gives objects their names, and does what else belongs to it, in one transaction: all of it or nothing. What is known stays as it is, so a name that stands for other
   * content is found here, also when two come at once. Throws `dvc_object_collision`, of which an event tells.
   */
  const name = async (objects: readonly DvcObject[], dataset: string, actor: string, also?: PreparedVersion): Promise<void> => {
    try {
      await retryOnConflict(`Dataset "${dataset}"`, () =>
        database.transaction(async (tx) => {
          await tx.dvc.insert(objects);
          for (const legacy of [false, true]) {
            const own = objects.filter((object) => object.legacy === legacy);
            const known = await tx.dvc.find(
              dataset,
              own.map((object) => object.name),
              legacy,
            );
            const digests = new Map(known.map((object) => [object.name, object.digest]));
            const other = own.find((object) => digests.get(object.name) !== object.digest);
            if (other !== undefined) throw fault('dvc_object_collision', { name: other.name });
          }
          await also?.commit(tx);
        }),
      );
    } catch (error) {
      if (isFault(error, 'dvc_object_collision')) {
        const event = toEvent(ports, 'dataset.md5_collision', `dataset/${dataset}`, actor, { dataset, md5: String(error.details['name']) });
        await database.transaction((tx) => tx.events.append([event]));
      }
      throw error;
    }
  };

  const put: DvcService['put'] = async (wanted, content, { version, actor }) => {
    fromRefText(wanted.dataset);
    const stored = await blobs.putStream(verified(content, wanted, md5));
    const known = (await findMany(wanted, [wanted.name])).get(wanted.name);
    if (known?.digest === stored.digest) return known;
    const added: DvcObject = { ...wanted, digest: stored.digest, size: stored.size, createdAt: clock.now() };
    const manifest =
      isTree(wanted.name) && known === undefined ? await readTree(wanted, stored.size, () => blobs.read(stored.digest)) : undefined;
    const prepared =
      manifest !== undefined && version ? await prepare(wanted.dataset, manifest, `Pushed by DVC as ${wanted.name}`, actor) : undefined;
    await name([added], wanted.dataset, actor, prepared);
    return added;
  };

  /** MD5 of stored content, read through. */
  const md5Of = async (digest: DvcObject['digest']): Promise<string> => {
    const checksum = md5();
    for await (const chunk of blobs.stream(digest)) checksum.update(chunk);
    return checksum.end();
  };

  return {
    object,
    content: (found, range) => (range === undefined ? blobs.stream(found.digest) : blobs.streamRange(found.digest, range)),
    async missing(dataset, names, legacy) {
      const known = await findMany({ dataset, legacy }, names);
      return names.filter((name) => !known.has(name));
    },
    put,
    async adopt(name, { path, message, actor }) {
      const found = await object(name);
      const manifest = isTree(name.name)
        ? await readTree(name, found.size, () => blobs.read(found.digest))
        : { entries: [{ path, digest: found.digest, size: found.size, mode: DEFAULT_MODE }] };
      return datasets.add({ dataset: name.dataset, manifest, message, actor, task: null });
    },
    async publish(ref, actor) {
      const { entries } = await datasets.manifest(ref);
      const names = new Map<string, string>();
      const digests = [...new Set(entries.map((entry) => entry.digest))];
      for (let at = 0; at < digests.length; at += HASHED_AT_ONCE) {
        const some = digests.slice(at, at + HASHED_AT_ONCE);
        const found = await Promise.all(some.map(md5Of));
        some.forEach((digest, index) => names.set(digest, found[index] as string));
      }
      const files = entries.map(({ path, digest, size, mode }): PublishedFile => ({ path, md5: names.get(digest) as string, size, mode }));
      const tree = await blobs.put(new TextEncoder().encode(toTreeText(files.map((file) => ({ md5: file.md5, relpath: file.path })))));
      const treeName = `${await md5Of(tree.digest)}.dir`;
      const own = { dataset: ref.dataset, legacy: false, createdAt: clock.now() };
      const sizes = new Map(entries.map((entry) => [entry.digest, entry.size]));
      const objects = digests.map((digest): DvcObject => ({
        ...own,
        name: names.get(digest) as string,
        digest,
        size: sizes.get(digest) as number,
      }));
      await name([...objects, { ...own, name: treeName, digest: tree.digest, size: tree.size }], ref.dataset, actor);
      return { output: { md5: treeName, size: files.reduce((sum, file) => sum + file.size, 0), files: files.length }, files };
    },
  };
}
