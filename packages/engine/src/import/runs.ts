import { fault, fellWith, toExperimentRoot, toRunUri } from '@pawl/core';
import type { ArtifactFile, ImportedRun, ImportedSeries, ImportOutcome, ImportResult, Metric, Writers } from '@pawl/core';
import { recordImport } from './event.ts';
import type { ImportPorts, ImportRequest, ImportService } from './service.ts';

type RunImport = Pick<ImportService, 'runs' | 'loggedModels' | 'more'>;

/** Whether a record may be written: one that is there only when its import had not ended, or when it may be changed. */
function toOutcome(known: { readonly pending: boolean } | undefined, { policy }: ImportRequest): ImportOutcome {
  if (known === undefined || known.pending) return 'created';
  return policy === 'update' ? 'updated' : policy === 'skip' ? 'skipped' : 'conflict';
}

function isWritten({ outcome }: ImportResult): boolean {
  return outcome === 'created' || outcome === 'updated';
}

export function createRunImport(ports: ImportPorts): RunImport {
  const { database, artifactRoot } = ports;

  async function putRun(tx: Writers, run: ImportedRun): Promise<void> {
    const experiment = await tx.experiments.get(run.experiment);
    if (experiment === undefined) throw fault('experiment_not_found', { name: String(run.experiment) });
    const root = toExperimentRoot(artifactRoot, experiment.id, experiment.artifactLocation);
    await tx.imports.putRun(
      { ...run, artifactUri: run.artifactUri ?? toRunUri(root, run.id) },
      run.lifecycle === 'deleted' && fellWith(experiment, run.deletedAt),
    );
  }

  return {
    runs: (items, request) =>
      database.transaction(async (tx) => {
        const known = await tx.imports.known(
          'run',
          items.map(({ run }) => run.id),
        );
        const results = items.map(({ run }): ImportResult => ({ id: run.id, outcome: toOutcome(known.get(run.id), request), problem: '' }));
        const written = items.filter((_, at) => isWritten(results[at] as ImportResult));
        for (const { run, series, files } of written) {
          await putRun(tx, run);
          await tx.runs.record(run.id, { metrics: toMetrics(run.id, series), artifacts: toArtifacts(run.id, files) });
        }
        const ids = (complete: boolean): string[] => written.filter((item) => item.complete === complete).map(({ run }) => run.id);
        await tx.imports.mark('run', ids(false), true);
        await tx.imports.mark('run', ids(true), false);
        await recordImport(ports, tx, 'runs', results, request);
        return results;
      }),

    loggedModels: (items, request) =>
      database.transaction(async (tx) => {
        const known = await tx.imports.known(
          'model',
          items.map(({ model }) => model.id),
        );
        const results = items.map(({ model }): ImportResult => ({
          id: model.id,
          outcome: toOutcome(known.get(model.id), request),
          problem: '',
        }));
        const written = items.filter((_, at) => isWritten(results[at] as ImportResult));
        for (const { model, metrics, files } of written) {
          if ((await tx.experiments.get(model.experiment)) === undefined)
            throw fault('experiment_not_found', { name: String(model.experiment) });
          await tx.imports.putLoggedModel(model);
          await tx.loggedModels.addMetrics(metrics.map((metric) => ({ ...metric, model: model.id })));
          for (const file of files) await tx.artifacts.put(`model/${model.id}`, file);
        }
        const ids = (complete: boolean): string[] => written.filter((item) => item.complete === complete).map(({ model }) => model.id);
        await tx.imports.mark('model', ids(false), true);
        await tx.imports.mark('model', ids(true), false);
        await recordImport(ports, tx, 'logged models', results, request);
        return results;
      }),

    async more(points, files) {
      await database.transaction(async (tx) => {
        for (const { run, series } of points) await tx.runs.record(run, { metrics: toMetrics(run, series) });
        for (const { owner, id, files: own } of files) {
          if (owner === 'run') await tx.runs.record(id, { artifacts: toArtifacts(id, own) });
          else for (const file of own) await tx.artifacts.put(`model/${id}`, file);
        }
      });
    },
  };
}

function toMetrics(run: string, series: readonly ImportedSeries[]): readonly Metric[] {
  return series.flatMap(({ key, points }) => points.map(([step, time, value]): Metric => ({ run, key, step, time, value })));
}

function toArtifacts(run: string, files: readonly ArtifactFile[]) {
  return files.map((file) => ({ run, ...file }));
}
