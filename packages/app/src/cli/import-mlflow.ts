import type { Client } from '@pawl/client';
import type { ImportedExperiment, ImportSource, SourceExperiment, SourceLoggedModel, SourceRun } from '@pawl/core';
import { toExperimentRecord } from '../schema/import-wire.ts';
import type { Context } from './context.ts';
import { formatCount } from './format.ts';
import { createFileSender } from './import-files.ts';
import { sendLoggedModels, sendModels, sendVersions, toSource } from './import-models.ts';
import type { OutgoingModel } from './import-models.ts';
import { createPlaces } from './import-places.ts';
import type { FilePlace, Places } from './import-places.ts';
import type { Report } from './import-report.ts';
import { sendRuns } from './import-runs.ts';
import type { OutgoingRun, RunSending } from './import-runs.ts';
import { createProgress } from './progress.ts';

export interface ImportOptions {
  readonly onConflict: 'fail' | 'skip' | 'update';
  readonly dryRun: boolean;
  readonly prefix: string;
  /** Experiments of the same name are the same, whatever else differs. */
  readonly byName?: boolean;
  readonly artifacts: boolean;
  readonly artifactsDestination: string | undefined;
  readonly moved: Readonly<Record<string, string>>;
  readonly allow: readonly string[];
  readonly checksum: boolean;
  readonly verify: boolean;
}

/** Runs compared, sent and read back together. */
const RUNS = 100;
const RECORDS = 200;
/** Stands for the number of an experiment that a dry run does not make: no record here has it. */
export const TO_COME = -1;

interface Import {
  readonly client: Client;
  readonly source: ImportSource;
  readonly options: ImportOptions;
  readonly report: Report;
  readonly sending: RunSending;
  readonly places: Places;
  /** Number on the server by number in the store; experiments that do not come have none. */
  readonly numbers: Map<string, number>;
}

/**
 * Copies a store into a server. What stands in the way as a whole (names and numbers that are taken, files that cannot be found) is told before anything is
 * written. `experiment` is the one that all runs go to, for stores without any.
 */
export async function importStore(
  context: Context,
  client: Client,
  source: ImportSource,
  options: ImportOptions,
  report: Report,
  experiment?: number,
): Promise<void> {
  const files = createFileSender(context, client, report);
  const { signal } = context;
  const { onConflict: policy, checksum, verify } = options;
  const places = createPlaces({
    destination: options.artifactsDestination,
    moved: options.moved,
    allowed: options.allow,
    folders: source.folders,
  });
  const sending: RunSending = { client, report, files, signal, source: source.name, policy, checksum, verify, dryRun: options.dryRun };
  const numbers = new Map<string, number>(experiment === undefined ? [] : [['', experiment]]);
  const whole: Import = { client, source, options, report, sending, places, numbers };
  try {
    const experiments = await all(source.experiments());
    const clear = [await bringExperiments(whole, experiments, true), await bringModels(whole, true), findFiles(whole, experiments)];
    if (!options.dryRun) {
      if (clear.includes(false)) return;
      report.begin();
      await bringExperiments(whole, experiments, false);
    }
    await bringLoggedModels(whole);
    await bringRuns(whole);
    if (!options.dryRun) await bringModels(whole, false);
    await bringVersions(
      whole,
      experiments.map(({ artifactLocation }) => artifactLocation),
    );
  } finally {
    files.close();
  }
}

/** Whether the files of all experiments can be found; each reason why not is told once. */
function findFiles({ options, report, places }: Import, experiments: readonly SourceExperiment[]): boolean {
  if (!options.artifacts) return true;
  const refused = new Map<string, string[]>();
  for (const { id, artifactLocation } of experiments) {
    const place = artifactLocation === '' ? undefined : places.find(artifactLocation);
    if (place?.kind === 'refused') refused.set(place.problem, [...(refused.get(place.problem) ?? []), id]);
  }
  for (const [problem, ids] of refused)
    report.problem(
      `files of experiment${ids.length === 1 ? '' : 's'} ${ids.slice(0, 10).join(', ')}`,
      `${problem}; or leave files out with --no-artifacts`,
    );
  return refused.size === 0;
}

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function* inBatches<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Whether nothing stands in the way. */
async function bringExperiments(
  { client, options, report, sending, places, numbers }: Import,
  experiments: readonly SourceExperiment[],
  dryRun: boolean,
): Promise<boolean> {
  let clear = true;
  for (let start = 0; start < experiments.length; start += RECORDS) {
    const batch = experiments.slice(start, start + RECORDS).map((one) => toExperiment(one, places, options.prefix));
    const { results: items } = await client.import.experiments(
      {
        items: batch.map(toExperimentRecord),
        renumber: options.byName || options.prefix !== '',
        source: sending.source,
        on_conflict: options.byName ? 'skip' : options.onConflict,
        dry_run: dryRun,
      },
      { signal: sending.signal },
    );
    for (const { id, outcome, problem, experiment } of items) {
      report.count('experiments', outcome);
      if (outcome === 'conflict') clear = false;
      if (outcome === 'conflict' && dryRun) report.problem(`experiment ${id}`, `${problem}; see --on-conflict and --prefix`);
      else if (problem !== '' && !dryRun && outcome !== 'conflict') report.note(`experiment ${id}`, problem);
      if (experiment !== null) numbers.set(id, experiment);
      else if (options.dryRun && outcome === 'created') numbers.set(id, TO_COME);
    }
  }
  return clear;
}

/** Where files are copied from, they are kept by the server from then on; where clients reach them themselves, they stay. */
function toExperiment({ artifactLocation, ...experiment }: SourceExperiment, places: Places, prefix: string): ImportedExperiment {
  const place = artifactLocation === '' ? undefined : places.find(artifactLocation);
  const own = /^mlflow-artifacts:(?:\/\/[^/]*)?\/?(.*)$/i.exec(artifactLocation)?.[1];
  const kept = artifactLocation === '' ? null : `mlflow-artifacts:/${(own ?? experiment.id).replace(/\/+$/, '')}`;
  return { ...experiment, name: `${prefix}${experiment.name}`, artifactLocation: place?.kind === 'remote' ? place.uri : kept };
}

function placeOf({ source, options, places }: Import, owner: SourceRun | SourceLoggedModel, uri: string): FilePlace {
  if (!options.artifacts) return { kind: 'remote', uri: '' };
  if (source.files !== undefined) return { kind: 'stored', ...source.files(owner) };
  return uri === '' ? { kind: 'remote', uri: '' } : places.find(uri);
}

/** Root of files that stay where they are; null for those that come. */
function remoteOf({ places }: Import, place: FilePlace, uri: string): string | null {
  const found = place.kind === 'remote' && place.uri !== '' ? place : uri === '' ? undefined : places.find(uri);
  return found?.kind === 'remote' ? found.uri : null;
}

async function bringRuns(whole: Import): Promise<void> {
  const { source, report, sending, numbers } = whole;
  const { runs } = await source.counts();
  const progress = createProgress('Runs', runs, process.stderr, Date.now, formatCount);
  let batch: OutgoingRun[] = [];
  const flush = async (): Promise<void> => {
    await sendRuns(sending, batch);
    progress.add(batch.length);
    batch = [];
  };
  try {
    for await (const run of source.runs()) {
      const experiment = numbers.get(run.experiment);
      if (experiment === undefined) {
        report.count('runs', 'skipped');
        report.note(`run ${run.id}`, `its experiment ${run.experiment} does not come`);
        continue;
      }
      const place = placeOf(whole, run, run.artifactUri);
      const remote = remoteOf(whole, place, run.artifactUri);
      batch.push({ run: { ...run, experiment, artifactUri: remote }, place, history: () => source.history(run) });
      if (batch.length === RUNS) await flush();
    }
    if (batch.length > 0) await flush();
  } finally {
    progress.end();
  }
}

async function bringLoggedModels(whole: Import): Promise<void> {
  const { source, report, sending, numbers } = whole;
  for await (const batch of inBatches(source.loggedModels(), RECORDS / 4)) {
    const outgoing = batch.flatMap((one): OutgoingModel[] => {
      const { artifactUri, metrics, experiment: there, ...model } = one;
      const experiment = numbers.get(there);
      if (experiment === undefined) {
        report.count('logged models', 'skipped');
        return [];
      }
      return [{ model: { ...model, experiment }, metrics, place: placeOf(whole, one, artifactUri) }];
    });
    if (outgoing.length > 0) await sendLoggedModels(sending, outgoing);
  }
}

async function bringModels({ source, options, report, sending }: Import, dryRun: boolean): Promise<boolean> {
  for await (const batch of inBatches(source.models(), RECORDS)) {
    const named = batch.map((model) => ({ ...model, name: `${options.prefix.replaceAll(/[/:]/g, '-')}${model.name}` }));
    await sendModels(sending, named, dryRun);
  }
  return options.onConflict !== 'fail' || report.tallies.every(({ what, conflict }) => what !== 'models' || conflict === 0);
}

async function bringVersions({ source, options, sending }: Import, experimentRoots: readonly string[]): Promise<void> {
  for await (const batch of inBatches(source.versions(), RECORDS)) {
    const versions = batch.map(({ runArtifactUri, source: uri, ...version }) => ({
      ...version,
      model: `${options.prefix.replaceAll(/[/:]/g, '-')}${version.model}`,
      source: toSource({ source: uri, run: version.run, runRoot: runArtifactUri }, experimentRoots),
    }));
    await sendVersions(sending, versions);
  }
}
