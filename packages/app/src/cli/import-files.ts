import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@pawl/client';
import { hashSha256 } from '@pawl/drivers';
import { digestListing } from '@pawl/core';
import type { Context } from './context.ts';
import { digestFile } from './files.ts';
import type { LocalFile } from './files.ts';
import type { FilePlace } from './import-places.ts';
import { isWithin } from './import-places.ts';
import type { Report } from './import-report.ts';
import { forEach } from './parallel.ts';
import { TRANSFERS, createTransfer } from './transfer.ts';

export interface StoredFile {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
}

/** A file with the digest that its content must have, where that is known. */
export interface ListedFile extends LocalFile {
  readonly expected?: string;
}

/** Files of runs and logged models on their way to the server. */
export interface FileSender {
  /** The files at a place, without reading them. */
  list(owner: string, place: FilePlace): Promise<readonly ListedFile[]>;
  listing(files: readonly LocalFile[]): string;
  /** Makes their content known to the server, sending what it lacks; files that cannot be read are told and left out. */
  send(owner: string, files: readonly ListedFile[]): Promise<readonly StoredFile[]>;
  /** Content that a record names and that is no file of it, such as a patch; from a folder where it lies under its digest. */
  sendContent(owner: string, folder: string, digest: string): Promise<void>;
  close(): void;
}

export function createFileSender(context: Context, client: Client, report: Report): FileSender {
  const transfer = createTransfer(context);
  const { signal } = context;

  async function* walk(root: string, prefix: string, owner: string, above: readonly string[]): AsyncGenerator<LocalFile> {
    const folder = join(root, prefix);
    for (const name of (await readdir(folder)).toSorted()) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      const refuse = (why: string): void => report.problem(`file "${path}" of ${owner}`, why);
      try {
        const real = await realpath(join(folder, name));
        if (!isWithin(above[0] ?? root, real)) {
          refuse('it is a link that leaves the folder of its files');
          continue;
        }
        const found = await stat(real);
        if (found.isFile()) yield { path, absolute: real, size: found.size, mode: found.mode & 0o777 };
        else if (!found.isDirectory()) refuse('it is no regular file');
        else if (above.includes(real)) refuse('it is a link to a folder that it lies in');
        else yield* walk(root, path, owner, [...above, real]);
      } catch (error) {
        refuse(`it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
      }
    }
  }

  async function listStored(owner: string, { folder, files }: Extract<FilePlace, { kind: 'stored' }>): Promise<readonly ListedFile[]> {
    const found: ListedFile[] = [];
    for (const { path, digest, size } of files) {
      const absolute = join(folder, digest.replace('sha256:', ''));
      const there = await stat(absolute).catch(() => undefined);
      if (there?.size === size) found.push({ path, absolute, size, mode: 0o644, expected: digest });
      else
        report.problem(
          `file "${path}" of ${owner}`,
          there === undefined ? 'its content is missing' : `its content has ${there.size} bytes, not ${size}`,
        );
    }
    return found;
  }

  return {
    async list(owner, place) {
      if (place.kind === 'stored') return listStored(owner, place);
      if (place.kind !== 'local') return [];
      const files: ListedFile[] = [];
      try {
        for await (const file of walk(place.folder, '', owner, [await realpath(place.folder)])) files.push(file);
      } catch (error) {
        // A run that logged no file has no folder.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          report.problem(`files of ${owner}`, `they cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
      }
      return files;
    },
    listing: (files) => digestListing(hashSha256, files),
    async send(owner, files) {
      const stored: (StoredFile & { readonly file: LocalFile })[] = [];
      for (const file of files) {
        try {
          const digest = await digestFile(file, signal);
          if (file.expected === undefined || file.expected === digest) stored.push({ path: file.path, digest, size: file.size, file });
          else report.problem(`file "${file.path}" of ${owner}`, 'its content is damaged');
        } catch (error) {
          signal.throwIfAborted();
          report.problem(`file "${file.path}" of ${owner}`, (error as Error).message);
        }
      }
      if (stored.length === 0) return [];
      const byDigest = new Map(stored.map((one) => [one.digest, one.file]));
      const { missing } = await client.blob.missing({ digests: [...byDigest.keys()] }, { signal });
      await forEach(missing, TRANSFERS, async (digest) => {
        const file = byDigest.get(digest);
        if (file !== undefined) await transfer.put(digest, file, (count) => (report.content.sent += count));
      });
      for (const { size } of stored) report.content.bytes += size;
      report.content.files += stored.length;
      return stored.map(({ path, digest, size }) => ({ path, digest, size }));
    },
    async sendContent(owner, folder, digest) {
      const absolute = join(folder, digest.replace('sha256:', ''));
      const found = await stat(absolute).catch(() => undefined);
      if (found === undefined) return report.problem(owner, `the content ${digest} that it names is missing`);
      const { missing } = await client.blob.missing({ digests: [digest] }, { signal });
      const file = { path: digest, absolute, size: found.size, mode: 0o644 };
      if (missing.length > 0) await transfer.put(digest, file, (count) => (report.content.sent += count));
    },
    close: () => transfer.close(),
  };
}
