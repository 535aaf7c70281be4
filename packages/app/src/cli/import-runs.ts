import type { Client } from '@pawl/client';
import { createSeriesDigest, digestRun } from '@pawl/core';
import type { ImportedRun, ImportedSeries, SeriesDigest } from '@pawl/core';
import { hashSha256 } from '@pawl/drivers';
import { toRunRecord, toSeriesRecord } from '../schema/import-wire.ts';
import type { FileSender, ListedFile } from './import-files.ts';
import type { FilePlace } from './import-places.ts';
import type { Report } from './import-report.ts';

/** What runs are imported with. */
export interface RunSending {
  readonly client: Client;
  readonly report: Report;
  readonly files: FileSender;
  readonly signal: AbortSignal;
  readonly source: string;
  readonly policy: 'fail' | 'skip' | 'update';
  /** Reads the content of files that are there under the same path and size. */
  readonly checksum: boolean;
  readonly verify: boolean;
  /** Compares, and sends nothing. */
  readonly dryRun: boolean;
}

/** A run on its way, whose history can be read again. */
export interface OutgoingRun {
  readonly run: ImportedRun;
  readonly place: FilePlace;
  history(): AsyncIterable<ImportedSeries>;
}

/** Points of one request: a transaction on the server, which others wait for. */
const MOST_POINTS = 10_000;
/** Characters of one request, roughly. */
const MOST_TEXT = 8_000_000;
const MOST_FILES = 5000;
/** Runs whose digests are asked for in one request. */
const DIGESTS = 25;

type Known = Awaited<ReturnType<Client['import']['known']>>['results'][number];
type RunItem = Parameters<Client['import']['runs']>[0]['items'][number];

interface Pending {
  readonly run: ImportedRun;
  readonly series: SeriesDigest[];
}

/**
 * Brings a batch of runs in. Those that are there are compared by digest first; what was not there, or came in part only, is sent, and read back to see that both
 * stores hold the same.
 */
export async function sendRuns(sending: RunSending, batch: readonly OutgoingRun[]): Promise<void> {
  const { client, report, signal } = sending;
  const ids = batch.map(({ run }) => run.id);
  const { results: items } = await client.import.known({ kind: 'run', ids }, { signal });
  const known = new Map(items.map((one) => [one.id, one]));
  for (const one of await digestsOf(
    sending,
    items.filter(({ pending }) => !pending).map(({ id }) => id),
  ))
    known.set(one.id, one);
  const sent: Pending[] = [];
  const packer = createPacker(sending);
  for (const outgoing of batch) {
    signal.throwIfAborted();
    const { run, place } = outgoing;
    if (place.kind === 'refused') report.problem(`files of run ${run.id}`, place.problem);
    const listed = await sending.files.list(`run ${run.id}`, place);
    const there = known.get(run.id);
    if (there !== undefined && !there.pending && !(await isWanted(sending, outgoing, there, listed))) continue;
    if (sending.dryRun) {
      report.count('runs', there === undefined || there.pending ? 'created' : 'updated');
      continue;
    }
    sent.push({ run, series: await packer.add(outgoing, listed) });
  }
  await packer.end();
  if (sending.verify && sent.length > 0) await verify(sending, sent);
}

/** What the server holds of runs, asked for in parts: it reads all of their points for it. */
async function digestsOf({ client, signal }: RunSending, ids: readonly string[]): Promise<readonly Known[]> {
  const found: Known[] = [];
  for (let start = 0; start < ids.length; start += DIGESTS)
    found.push(...(await client.import.known({ kind: 'run', ids: ids.slice(start, start + DIGESTS), digests: true }, { signal })).results);
  return found;
}

/** Whether a run that is there whole is to be sent again. */
async function isWanted(sending: RunSending, outgoing: OutgoingRun, there: Known, listed: readonly ListedFile[]): Promise<boolean> {
  const { report, policy, files } = sending;
  const { run } = outgoing;
  const series = await digestHistory(outgoing);
  const same = digestRun(hashSha256, run, series) === there.digest;
  // Files that are here beside those of the store are no difference: only what comes is looked at.
  const sameFiles = listed.length === 0 || files.listing(listed) === there.listing;
  if (same && sameFiles && !sending.checksum) {
    report.count('runs', 'unchanged');
    return false;
  }
  if (same) {
    // Files alone are added to and lose nothing: no policy is asked.
    if (!sending.dryRun) await sendFiles(sending, run.id, await files.send(`run ${run.id}`, listed));
    report.count('runs', sameFiles ? 'unchanged' : 'updated');
    return false;
  }
  if (policy === 'update') return true;
  report.count('runs', policy === 'skip' ? 'skipped' : 'conflict');
  if (policy === 'fail') report.problem(`run ${run.id}`, `it is there and differs (${there.points} points); see --on-conflict`);
  return false;
}

async function sendFiles({ client, signal }: RunSending, id: string, stored: readonly RunItem['files'][number][]): Promise<void> {
  for (let start = 0; start < stored.length; start += MOST_FILES) {
    await client.import.more({ points: [], files: [{ owner: 'run', id, files: stored.slice(start, start + MOST_FILES) }] }, { signal });
  }
}

async function digestHistory(outgoing: OutgoingRun): Promise<SeriesDigest[]> {
  const digests = createDigests();
  for await (const piece of outgoing.history()) digests.add(piece);
  return digests.end();
}

/** Digests of series whose pieces come one after the other. */
function createDigests(): { add(piece: ImportedSeries): void; end(): SeriesDigest[] } {
  const done: SeriesDigest[] = [];
  let open: { readonly key: string; readonly digest: ReturnType<typeof createSeriesDigest> } | undefined;
  return {
    add({ key, points }) {
      if (points.length === 0) return;
      if (open?.key !== key) {
        if (open !== undefined) done.push(open.digest.end());
        open = { key, digest: createSeriesDigest(hashSha256, key) };
      }
      for (const point of points) open.digest.add(point);
    },
    end() {
      if (open !== undefined) done.push(open.digest.end());
      return done;
    },
  };
}

/** Fills requests with runs until they are large enough; a run larger than one request comes in several. */
function createPacker(sending: RunSending): {
  add(outgoing: OutgoingRun, listed: readonly ListedFile[]): Promise<SeriesDigest[]>;
  end(): Promise<void>;
} {
  const { client, report, signal, source, policy } = sending;
  let items: RunItem[] = [];
  let points = 0;
  let text = 0;

  async function flush(): Promise<void> {
    if (items.length === 0) return;
    const { results } = await client.import.runs({ items, source, on_conflict: policy }, { signal });
    for (const { id, outcome, problem } of results) {
      report.count('runs', outcome);
      if (problem !== '' || outcome === 'conflict') report.problem(`run ${id}`, problem || 'it was made by somebody else meanwhile');
    }
    [items, points, text] = [[], 0, 0];
  }

  async function addLarge(
    record: RunItem['run'],
    outgoing: OutgoingRun,
    first: readonly ImportedSeries[],
    rest: AsyncIterator<ImportedSeries>,
    digests: ReturnType<typeof createDigests>,
    stored: RunItem['files'],
  ): Promise<void> {
    await flush();
    items.push({ run: record, series: first.map(toSeriesRecord), files: [], complete: false });
    await flush();
    let waiting: ImportedSeries[] = [];
    let count = 0;
    const send = async (): Promise<void> => {
      if (waiting.length > 0)
        await client.import.more({ points: [{ run: record.id, series: waiting.map(toSeriesRecord) }], files: [] }, { signal });
      [waiting, count] = [[], 0];
    };
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      digests.add(next.value);
      report.content.points += next.value.points.length;
      for (let start = 0; start < next.value.points.length; start += MOST_POINTS) {
        const piece = { key: next.value.key, points: next.value.points.slice(start, start + MOST_POINTS) };
        waiting.push(piece);
        count += piece.points.length;
        if (count >= MOST_POINTS) await send();
      }
    }
    await send();
    await sendFiles(sending, record.id, stored);
    await client.import.complete({ kind: 'run', ids: [outgoing.run.id] }, { signal });
  }

  return {
    async add(outgoing, listed) {
      const record = toRunRecord(outgoing.run);
      const stored = await sending.files.send(`run ${record.id}`, listed);
      const patch = record.code?.patch ?? null;
      if (patch !== null && outgoing.place.kind === 'stored')
        await sending.files.sendContent(`run ${record.id}`, outgoing.place.folder, patch);
      const digests = createDigests();
      const series: ImportedSeries[] = [];
      let count = 0;
      const history = outgoing.history()[Symbol.asyncIterator]();
      for (let next = await history.next(); next.done !== true; next = await history.next()) {
        digests.add(next.value);
        series.push(next.value);
        count += next.value.points.length;
        report.content.points += next.value.points.length;
        if (count > MOST_POINTS) break;
      }
      if (count > MOST_POINTS || stored.length > MOST_FILES) {
        await addLarge(record, outgoing, series, history, digests, [...stored]);
        return digests.end();
      }
      items.push({ run: record, series: series.map(toSeriesRecord), files: [...stored], complete: true });
      points += count;
      text += JSON.stringify(record).length + stored.length * 150;
      if (points >= MOST_POINTS || text >= MOST_TEXT) await flush();
      return digests.end();
    },
    end: flush,
  };
}

/** Reads back what was sent, and tells what came out otherwise. */
async function verify(sending: RunSending, sent: readonly Pending[]): Promise<void> {
  const { report } = sending;
  const items = await digestsOf(
    sending,
    sent.map(({ run }) => run.id),
  );
  const stored = new Map(items.map((one) => [one.id, one]));
  for (const { run, series } of sent) {
    const there = stored.get(run.id);
    if (there?.digest === digestRun(hashSha256, run, series)) {
      report.content.verified += 1;
      continue;
    }
    const points = series.reduce((sum, { count }) => sum + count, 0);
    report.count('runs', 'failed');
    report.problem(`run ${run.id}`, `read back it differs: ${points} points in the store, ${there?.points ?? 0} on the server`);
  }
}
