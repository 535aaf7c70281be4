import { fault } from '@pawl/core';
import type { Blobs, Clock, Database, DatasetRef, DatasetVersion, Digest, Ids, VersionUse } from '@pawl/core';
import { toEvent } from '../event.ts';
import { rowsOf } from '../gc/pages.ts';
import type { DatasetService } from './service.ts';

export interface DatasetUpkeepPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly database: Database;
  readonly blobs: Blobs;
  readonly datasets: DatasetService;
}

export interface VerifiedVersion {
  readonly files: number;
  readonly bytes: number;
  /** Files whose content is gone or is not what it was, by path. */
  readonly damaged: readonly { readonly path: string; readonly digest: Digest; readonly problem: string }[];
}

export interface ExpireOptions {
  /** The newest so many of each branch stay. */
  readonly keep: number;
  /** Younger ones stay. */
  readonly olderThanMs: number;
  readonly dryRun: boolean;
  readonly actor: string;
}

export interface ExpiredVersions {
  readonly expired: readonly DatasetVersion[];
  /** Old enough to go, and kept by what refers to them. */
  readonly held: readonly { readonly version: DatasetVersion; readonly by: VersionUse }[];
}

/** Looking after what is stored. */
export interface DatasetUpkeepService {
  /** Reads every file of a version, or those at and below a path. */
  verify(ref: DatasetRef, under: string): Promise<VerifiedVersion>;
  /** What was made with a version, or names it. */
  uses(ref: DatasetRef): Promise<readonly VersionUse[]>;
  /** Gives up the content of old versions that nothing refers to; their records stay. A collection then removes what no other version has. */
  expire(dataset: string, options: ExpireOptions): Promise<ExpiredVersions>;
}

/** Contents asked for at once. */
const RUN = 2000;

export function createDatasetUpkeepService(ports: DatasetUpkeepPorts): DatasetUpkeepService {
  const { database, blobs, datasets, clock } = ports;
  const { read } = database;

  /** Small ones many at a time, which is far faster; one that is not whole is then found by itself. */
  async function damageOf(digest: Digest): Promise<string | undefined> {
    try {
      for await (const bytes of blobs.stream(digest)) void bytes;
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async function areIntact(digests: readonly Digest[]): Promise<boolean> {
    try {
      for await (const content of blobs.readMany(digests)) void content;
      return true;
    } catch {
      return false;
    }
  }

  return {
    async verify(ref, under) {
      const entries = await datasets.files(ref, under);
      const broken = new Map<Digest, string>();
      const wanted = Array.from(new Map(entries.map(({ digest, size }) => [digest, size])));
      const large = wanted.filter(([, size]) => size > 1024 * 1024).map(([digest]) => digest);
      const small = wanted.filter(([, size]) => size <= 1024 * 1024).map(([digest]) => digest);
      const alone = large.slice();
      for (let at = 0; at < small.length; at += RUN) {
        const run = small.slice(at, at + RUN);
        if (!(await areIntact(run))) alone.push(...run);
      }
      for (const digest of alone) {
        const problem = await damageOf(digest);
        if (problem !== undefined) broken.set(digest, problem);
      }
      return {
        files: entries.length,
        bytes: entries.reduce((sum, { size }) => sum + size, 0),
        damaged: entries.flatMap(({ path, digest }) => {
          const problem = broken.get(digest);
          return problem === undefined ? [] : [{ path, digest, problem }];
        }),
      };
    },
    async uses(ref) {
      const { dataset, version } = await datasets.version(ref);
      const merges: VersionUse[] = [];
      for await (const one of rowsOf((page) => read.datasets.versions(dataset, page)))
        if (one.mergedFrom === version) merges.push({ version, kind: 'merge', id: `${dataset}:${one.version}`, role: '' });
      return [...(await read.datasetUses.uses(dataset, version)), ...merges];
    },
    async expire(dataset, { keep, olderThanMs, dryRun, actor }) {
      await datasets.get(dataset);
      if (keep < 1) throw fault('invalid_input', { where: 'keep', problem: 'the newest version of each branch stays: use 1 or more.' });
      const before = clock.now() - olderThanMs;
      const seen = new Map<string, number>();
      const candidates: DatasetVersion[] = [];
      for await (const one of rowsOf((page) => read.datasets.versions(dataset, page))) {
        const place = (seen.get(one.branch) ?? 0) + 1;
        seen.set(one.branch, place);
        if (place > keep && one.createdAt < before && one.expiredAt === null) candidates.push(one);
      }
      const expired: DatasetVersion[] = [];
      const held: { version: DatasetVersion; by: VersionUse }[] = [];
      for (const version of candidates) {
        // Asked in the transaction that writes: a run that begins to use it meanwhile is either seen, or finds it gone.
        const use = await database.transaction(async (tx) => {
          const [by] = await tx.datasetUses.uses(dataset, version.version);
          if (by !== undefined || dryRun) return by;
          await tx.datasets.expire(version, clock.now());
          await tx.events.append([
            toEvent(ports, 'dataset.version_expired', `dataset/${dataset}/${version.version}`, actor, {
              dataset,
              version: version.version,
            }),
          ]);
          return undefined;
        });
        if (use === undefined) expired.push(version);
        else held.push({ version, by: use });
      }
      return { expired, held };
    },
  };
}
