import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from '@pawl/client';
import type { Context } from './context.ts';
import { FORMAT, VERSION, blobFile, runFile } from './archive-format.ts';
import type { Archive } from './archive-format.ts';
import { failure, unwritable } from './fail.ts';
import { formatCount } from './format.ts';
import { forEach } from './parallel.ts';
import { createProgress } from './progress.ts';
import { packTar } from './tar.ts';
import { TRANSFERS, createTransfer } from './transfer.ts';
import type { Transfer } from './transfer.ts';

const PAGE = 20_000;

type Whole = Awaited<ReturnType<Client['export']['run']>>;

/** Writes runs with all that belongs to them into a new folder, or a tar file where the name ends in `.tar`. */
export async function writeArchive(context: Context, client: Client, runs: readonly string[], target: string): Promise<Archive> {
  const tar = target.endsWith('.tar');
  const folder = tar ? `${target}.partial` : target;
  await requireFree(target, tar);
  const transfer = createTransfer(context);
  const progress = createProgress('Runs', runs.length, process.stderr, Date.now, formatCount);
  try {
    await mkdir(join(folder, 'runs'), { recursive: true });
    await mkdir(join(folder, 'blobs'), { recursive: true });
    const blobs = new Map<string, number>();
    const written: Archive['runs'] = [];
    for (const id of runs) {
      context.signal.throwIfAborted();
      const whole = await client.export.run({ run: id }, { signal: context.signal });
      written.push(await writeRun(context, client, folder, whole));
      await fetchBlobs(transfer, folder, blobsOf(whole), blobs);
      progress.add(1);
    }
    const bytes = [...blobs.values()].reduce((sum, size) => sum + size, 0);
    const content = { files: blobs.size, bytes };
    const archive: Archive = { format: FORMAT, version: VERSION, created_at: new Date().toISOString(), runs: written, content };
    await writeFile(join(folder, 'archive.json'), `${JSON.stringify(archive, null, 2)}\n`);
    if (tar) {
      const names = ['archive.json', ...written.map(({ id }) => runFile(id)), ...[...blobs.keys()].map(blobFile)];
      await packTar(folder, names, `${target}.packing`);
      await rename(`${target}.packing`, target);
    }
    return archive;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw await unwritable(target, error);
  } finally {
    progress.end();
    transfer.close();
    if (tar) for (const left of [folder, `${target}.packing`]) await rm(left, { recursive: true, force: true });
  }
}

/** Nothing is written over. */
async function requireFree(target: string, tar: boolean): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined || (!tar && found.isDirectory() && (await readdir(target)).length === 0)) return;
  throw await failure('archive_invalid', { place: target, problem: 'something is there already; name a place that is free.' });
}

async function writeRun(context: Context, client: Client, folder: string, whole: Whole): Promise<Archive['runs'][number]> {
  const { run, experiment, files, logged_models, points } = whole;
  const hash = createHash('sha256');
  const file = await open(join(folder, runFile(run.id)), 'w');
  const write = async (record: object): Promise<void> => {
    const line = `${JSON.stringify(record)}\n`;
    hash.update(line);
    await file.write(line);
  };
  try {
    await write({ run, experiment, files, logged_models });
    for (let after: string | undefined; ;) {
      const page = await client.export.points({ run: run.id, limit: PAGE, after }, { signal: context.signal });
      for (const series of page.items) await write(series);
      if (page.next === undefined) break;
      after = page.next;
    }
  } finally {
    await file.close();
  }
  return { id: run.id, name: run.name, experiment: experiment.name, points, sha256: hash.digest('hex') };
}

/** Digests and sizes of the content that a run names; the size of a patch is not known before it is there. */
function blobsOf({ run, files, logged_models }: Whole): ReadonlyMap<string, number | null> {
  const patch = run.code?.patch ?? null;
  const all = [...files, ...logged_models.flatMap((model) => model.files)];
  return new Map<string, number | null>([
    ...all.map(({ digest, size }) => [digest, size] as const),
    ...(patch === null ? [] : [[patch, null] as const]),
  ]);
}

async function fetchBlobs(
  transfer: Transfer,
  folder: string,
  wanted: ReadonlyMap<string, number | null>,
  blobs: Map<string, number>,
): Promise<void> {
  const missing = [...wanted.keys()].filter((digest) => !blobs.has(digest));
  await forEach(missing, TRANSFERS, async (digest) => {
    const path = join(folder, blobFile(digest));
    const hash = createHash('sha256');
    let size = 0;
    const source = await transfer.get(digest);
    await pipeline(async function* () {
      for await (const piece of source) {
        hash.update(piece);
        size += piece.length;
        yield piece;
      }
    }, createWriteStream(path));
    const found = `sha256:${hash.digest('hex')}`;
    if (found !== digest) throw await failure('digest_mismatch', { expected: digest, found });
    blobs.set(digest, size);
  });
}
