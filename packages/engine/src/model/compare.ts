import { compareVersions } from '@pawl/core';
import type {
  Blobs,
  ComparedRun,
  ComparedVersion,
  Database,
  Digest,
  Manifest,
  ModelSignature,
  ModelVersion,
  VersionComparison,
} from '@pawl/core';
import { readManifest } from '../dataset/manifest-blob.ts';
import type { ModelService } from './service.ts';

export interface ModelComparePorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly models: ModelService;
  /** What a package's MLmodel tells; null where it tells none. */
  readonly signatureOf: (manifest: Manifest) => Promise<ModelSignature | null>;
}

export interface ComparedVersions extends VersionComparison {
  /** What the second is measured against, and the second. */
  readonly versions: readonly ComparedVersion[];
}

export interface NamedVersion {
  readonly model: string;
  /** Number, alias or stage. */
  readonly version: string;
}

export interface ModelCompareService {
  /** Two versions, of one model or of two, each by number, alias or stage. Throws `model_not_found`, `model_version_not_found`. */
  compare(first: NamedVersion, second: NamedVersion): Promise<ComparedVersions>;
}

export function createModelCompareService({ database, blobs, models, signatureOf }: ModelComparePorts): ModelCompareService {
  const { read } = database;

  const runOf = async (id: string): Promise<ComparedRun | null> => {
    const detail = await read.runs.detail(id);
    if (detail === undefined) return null;
    return { detail, extremes: await read.series.extremes([id]), inputs: await read.runs.inputs(id) };
  };

  const packageOf = async (digest: Digest): Promise<Pick<ComparedVersion, 'signature' | 'size'>> => {
    const manifest = await readManifest(blobs, digest);
    const bytes = manifest.entries.reduce((sum, { size }) => sum + size, 0);
    return { signature: await signatureOf(manifest), size: { files: manifest.entries.length, bytes } };
  };

  const describe = async (version: ModelVersion): Promise<ComparedVersion> => {
    const aliases = await models.aliases(version.model);
    return {
      version,
      aliases: aliases.filter((one) => one.version === version.version).map(({ alias }) => alias),
      run: version.run === null ? null : await runOf(version.run),
      gate: (await read.gates.latest(version.model, version.version)) ?? null,
      ...(version.package === null ? { signature: null, size: null } : await packageOf(version.package)),
    };
  };

  return {
    async compare(first, second) {
      const one = await describe(await models.version(first.model, first.version));
      const other = await describe(await models.version(second.model, second.version));
      return { ...compareVersions(one, other), versions: [one, other] };
    },
  };
}
