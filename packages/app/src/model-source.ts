import { fault } from '@pawl/core';
import type { Blobs, Digest, Folders, LocalModel, Log, Manifest, ModelSignature, ModelSource, PythonSource } from '@pawl/core';
import { readManifest } from '@pawl/engine';
import type { ModelEvaluator } from '@pawl/engine';
import { evaluateModel, LARGEST_MLMODEL, readModelPackage, toModelSignature } from '@pawl/serving';

export interface ModelStore extends ModelSource, ModelEvaluator {
  /** Refuses a package that serving could not load. Throws `model_package_invalid`, `model_file_invalid`. */
  verify(manifest: Manifest): Promise<void>;
  /** What a package tells of its inputs and outputs; null where it tells nothing. */
  signatureOf(manifest: Manifest): Promise<ModelSignature | null>;
}

export interface ModelStorePorts {
  readonly blobs: Blobs;
  readonly folders: Folders;
  /** For models that only Python opens; absent: they are not evaluated here. */
  readonly pythons?: PythonSource;
  readonly log: Log;
}

/** Packages by digest, unpacked into the local cache under the home and verified byte for byte as they are written. */
export function createModelStore(ports: ModelStorePorts): ModelStore {
  const { blobs, folders, pythons, log } = ports;
  const runtimePorts = { ...(pythons && { pythons }), logger: log };
  const opening = new Map<Digest, Promise<LocalModel>>();

  const unpack = async (manifest: Manifest, name: string): Promise<LocalModel> => {
    const folder = await folders.scratch(name);
    for (const entry of manifest.entries) await blobs.materialize(entry.digest, folders.join(folder, entry.path), entry.mode);
    return readModelPackage(folder);
  };

  /** Unpacked anew in each process: the cache is never trusted to be whole after a kill. */
  const open = (digest: Digest): Promise<LocalModel> => {
    const known = opening.get(digest);
    if (known !== undefined) return known;
    const opened = readManifest(blobs, digest).then((manifest) => unpack(manifest, `models/${digest.slice(7)}`));
    opening.set(digest, opened);
    opened.catch(() => opening.delete(digest));
    return opened;
  };

  let verified = 0;
  return {
    open,
    async verify(manifest) {
      if (!manifest.entries.some((entry) => entry.path === 'MLmodel'))
        throw fault('model_package_invalid', { problem: 'it has no file "MLmodel" at its root; register the folder that mlflow saved.' });
      const name = `verify/${++verified}`;
      try {
        const model = await unpack(manifest, name);
        // Whatever only Python opens is somebody's code: it does not run because it was registered.
        if (model.spec.file.format !== 'python') await evaluateModel(model, {}, 0, runtimePorts);
      } finally {
        await folders.remove(folders.join(await folders.scratch(name)));
      }
    },
    async signatureOf(manifest) {
      const found = manifest.entries.find((entry) => entry.path === 'MLmodel');
      if (found === undefined || found.size > LARGEST_MLMODEL) return null;
      return toModelSignature(new TextDecoder().decode(await blobs.read(found.digest)));
    },
    async evaluate(digest, table) {
      const { label, score } = await evaluateModel(await open(digest), table.columns, table.rows, runtimePorts);
      return { labels: label, scores: score };
    },
  };
}
