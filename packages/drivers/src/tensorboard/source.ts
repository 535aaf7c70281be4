import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve, sep } from 'node:path';
import { RUN_NAME_TAG, fault } from '@pawl/core';
import type { ImportSource, ImportedSeries, ReportProblem, SourceRun } from '@pawl/core';
import { hashSha256 } from '../clock/sha256.ts';
import { readLoggedRun } from './run.ts';

export interface TensorboardOptions {
  readonly report: ReportProblem;
  readonly note: ReportProblem;
  /** The experiment that its runs go to: a log that is read again for the same one is the same runs. */
  readonly experiment: string;
}

interface RunFolder {
  /** Path below the log's folder; empty for that itself. */
  readonly name: string;
  readonly files: readonly string[];
}

/** Opens a folder of TensorBoard's event files, where each folder that has any is a run. Throws `import_source_invalid`. */
export async function openTensorboard(folder: string, options: TensorboardOptions): Promise<ImportSource> {
  const root = resolve(folder);
  if (!existsSync(root) || !statSync(root).isDirectory())
    throw fault('import_source_invalid', { source: folder, problem: 'there is no such folder.' });
  const found = await findRuns(root);
  if (found.length === 0)
    throw fault('import_source_invalid', { source: folder, problem: 'no event file (…tfevents…) is in it or below it.' });
  const scratch = await mkdtemp(join(tmpdir(), 'pawl-tensorboard-'));
  const histories = new WeakMap<SourceRun, readonly ImportedSeries[]>();
  const left = new Map<string, number>();

  async function readRun({ name, files }: RunFolder, place: number): Promise<SourceRun> {
    const media = join(scratch, String(place));
    const shown = name === '' ? basename(root) : name;
    const tell =
      (to: ReportProblem): ReportProblem =>
      (what, problem) =>
        to(`${what} of run "${shown}"`, problem);
    const { series, params, status, span, leftOut } = await readLoggedRun(files, {
      media,
      report: tell(options.report),
      note: tell(options.note),
    });
    for (const [kind, count] of leftOut) left.set(kind, (left.get(kind) ?? 0) + count);
    const run: SourceRun = {
      // The same log gives the same runs, also once it has grown.
      id: hashSha256(`tensorboard\n${options.experiment}\n${name}\n${span?.[0] ?? 0}`).slice('sha256:'.length, 'sha256:'.length + 32),
      experiment: '',
      name: shown,
      status: status ?? 'finished',
      user: '',
      startedAt: span?.[0] ?? 0,
      endedAt: span?.[1] ?? null,
      lifecycle: 'active',
      deletedAt: null,
      artifactUri: media,
      code: null,
      environment: {},
      params,
      tags: { [RUN_NAME_TAG]: shown, 'pawl.source': 'tensorboard' },
      inputs: [],
      datasets: [],
      modelInputs: [],
      modelOutputs: [],
    };
    histories.set(run, series);
    return run;
  }

  return {
    name: folder,
    kind: 'TensorBoard logs',
    folders: [scratch],
    counts: () => Promise.resolve({ experiments: 0, runs: found.length, points: null, loggedModels: 0, models: 0, versions: 0 }),
    async *experiments() {},
    async *runs() {
      for (const [place, one] of found.entries()) yield await readRun(one, place);
    },
    async *history(run) {
      yield* histories.get(run) ?? [];
    },
    async *loggedModels() {},
    async *models() {},
    async *versions() {},
    leftOut: () => Promise.resolve([...left].map(([what, count]) => ({ what, count }))),
    close: () => rm(scratch, { recursive: true, force: true }),
  };
}

/** Files that TensorBoard reads; those of its profiler have nothing in them. */
function isEventFile(name: string): boolean {
  return name.includes('tfevents') && !name.endsWith('.profile-empty');
}

async function findRuns(root: string): Promise<readonly RunFolder[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && isEventFile(entry.name));
  const byFolder = Map.groupBy(files, (entry) => relative(root, entry.parentPath).replaceAll(sep, '/'));
  return [...byFolder]
    .map(([name, own]) => ({ name, files: own.map((entry) => join(entry.parentPath, entry.name)).toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
