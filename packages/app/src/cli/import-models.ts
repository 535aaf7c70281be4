import type { Client } from '@pawl/client';
import { digestLoggedModel } from '@pawl/core';
import type { ImportedLoggedModel, ImportedModel, ImportedModelMetric, ImportedSource, ImportedVersion } from '@pawl/core';
import { hashSha256 } from '@pawl/drivers';
import { toLoggedModelRecord, toModelMetricRecord, toModelRecord, toModelVersionRecord } from '../schema/import-wire.ts';
import type { FilePlace } from './import-places.ts';
import { toPath } from './import-places.ts';
import type { Kind, Outcome } from './import-report.ts';
import type { RunSending } from './import-runs.ts';

export interface OutgoingModel {
  readonly model: ImportedLoggedModel;
  readonly metrics: readonly ImportedModelMetric[];
  readonly place: FilePlace;
}

/** Brings a batch of logged models in; those that are there are compared by digest first. */
export async function sendLoggedModels(sending: RunSending, batch: readonly OutgoingModel[]): Promise<void> {
  const { client, report, signal, files, policy, source } = sending;
  const { results: items } = await client.import.known(
    { kind: 'model', ids: batch.map(({ model }) => model.id), digests: true },
    { signal },
  );
  const known = new Map(items.map((one) => [one.id, one]));
  const sent: OutgoingModel[] = [];
  const records: Parameters<Client['import']['loggedModels']>[0]['items'][number][] = [];
  for (const outgoing of batch) {
    const { model, metrics, place } = outgoing;
    const owner = `logged model ${model.id}`;
    if (place.kind === 'refused') report.problem(`files of ${owner}`, place.problem);
    const listed = await files.list(owner, place);
    if (listed.length === 0 && place.kind === 'local' && model.status === 'ready' && model.deletedAt === null)
      report.problem(`files of ${owner}`, 'there are none where the store says');
    const there = known.get(model.id);
    if (sending.dryRun && (there === undefined || there.pending)) {
      report.count('logged models', 'created');
      continue;
    }
    const same = there?.digest === digestLoggedModel(hashSha256, model, metrics);
    const sameFiles = listed.length === 0 || files.listing(listed) === there?.listing;
    if (there !== undefined && !there.pending) {
      if (same && sameFiles && !sending.checksum) {
        report.count('logged models', 'unchanged');
        continue;
      }
      if (!same && policy !== 'update') {
        report.count('logged models', policy === 'skip' ? 'skipped' : 'conflict');
        if (policy === 'fail') report.problem(owner, 'it is there and differs; see --on-conflict');
        continue;
      }
    }
    if (sending.dryRun) {
      report.count('logged models', same && sameFiles ? 'unchanged' : 'updated');
      continue;
    }
    const stored = await files.send(owner, listed);
    records.push({ model: toLoggedModelRecord(model), metrics: metrics.map(toModelMetricRecord), files: [...stored], complete: true });
    sent.push(outgoing);
  }
  if (records.length === 0) return;
  // Files alone are added to: what is the same is written again, and no policy asked.
  const { results } = await client.import.loggedModels(
    { items: records, source, on_conflict: policy === 'skip' ? 'skip' : 'update' },
    { signal },
  );
  for (const { id, outcome } of results) report.count('logged models', known.get(id)?.pending === false ? 'updated' : outcome);
  if (sending.verify) await verify(sending, sent);
}

async function verify({ client, report, signal }: RunSending, sent: readonly OutgoingModel[]): Promise<void> {
  const { results: items } = await client.import.known(
    { kind: 'model', ids: sent.map(({ model }) => model.id), digests: true },
    { signal },
  );
  const stored = new Map(items.map((one) => [one.id, one.digest]));
  for (const { model, metrics } of sent) {
    if (stored.get(model.id) === digestLoggedModel(hashSha256, model, metrics)) report.content.verified += 1;
    else {
      report.count('logged models', 'failed');
      report.problem(`logged model ${model.id}`, 'read back it differs');
    }
  }
}

function tell(
  { report }: RunSending,
  kind: Kind,
  name: string,
  result: { readonly id: string; readonly outcome: Outcome; readonly problem: string },
): void {
  const { id, outcome, problem } = result;
  report.count(kind, outcome);
  if (outcome === 'conflict') report.problem(`${name} ${id}`, problem);
  else if (problem !== '') report.note(`${name} ${id}`, problem);
}

export async function sendModels(sending: RunSending, batch: readonly ImportedModel[], dryRun: boolean): Promise<void> {
  const { client, signal, source, policy } = sending;
  const { results: items } = await client.import.models(
    { items: batch.map(toModelRecord), source, on_conflict: policy, dry_run: dryRun },
    { signal },
  );
  for (const result of items) tell(sending, 'models', 'model', result);
}

export async function sendVersions(sending: RunSending, batch: readonly ImportedVersion[]): Promise<void> {
  const { client, signal, source, policy, dryRun } = sending;
  const { results: items } = await client.import.versions(
    { items: batch.map(toModelVersionRecord), source, on_conflict: policy, dry_run: dryRun },
    { signal },
  );
  for (const result of items) tell(sending, 'versions', 'version', result);
}

/** Says by whose files a version's source means, where it lies below the root of an experiment or of its run; any other source stays a URI. */
export function toSource(
  { source, run, runRoot }: { readonly source: string; readonly run: string | null; readonly runRoot: string | null },
  experimentRoots: readonly string[],
): ImportedSource {
  const plain = toPlain(source);
  const own = runRoot === null || run === null ? null : restOf(plain, toPlain(runRoot));
  if (own !== null && run !== null) return { kind: 'run', id: run, path: own };
  for (const root of experimentRoots) {
    const rest = restOf(plain, toPlain(root));
    const [, model, id, path = ''] = /^(?:models\/(m-[0-9a-f]{32})|([0-9a-f]{32}))\/artifacts(?:\/(.*))?$/.exec(rest ?? '') ?? [];
    if (model !== undefined) return { kind: 'model', id: model, path };
    if (id !== undefined) return { kind: 'run', id, path };
  }
  return { kind: 'uri', uri: source };
}

/** One spelling for `file:///a`, `file:/a` and `/a`, and for proxied roots with and without a host. */
function toPlain(uri: string): string {
  const path = toPath(uri);
  return (path ?? uri.replace(/^mlflow-artifacts:(?:\/\/[^/]*)?\/?/i, 'mlflow-artifacts:/')).replace(/\/+$/, '');
}

function restOf(uri: string, root: string): string | null {
  return uri === root ? '' : root !== '' && uri.startsWith(`${root}/`) ? uri.slice(root.length + 1) : null;
}
