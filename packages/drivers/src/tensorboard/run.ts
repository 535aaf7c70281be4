import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toSeries } from '@pawl/core';
import type { ImportedSeries, Point, ReportProblem } from '@pawl/core';
import { readEvent } from './event.ts';
import type { SummaryValue, TensorboardEvent } from './event.ts';
import { readHparams } from './hparams.ts';
import { readRecords } from './records.ts';

/** What the event files of one folder hold. */
export interface LoggedRun {
  readonly series: readonly ImportedSeries[];
  readonly params: Readonly<Record<string, string>>;
  readonly status: 'finished' | 'failed' | undefined;
  /** Epoch ms of the first and the last event; undefined when there is none. */
  readonly span: readonly [first: number, last: number] | undefined;
  /** How many values of other kinds there are, by kind. */
  readonly leftOut: ReadonlyMap<string, number>;
}

export interface RunReading {
  /** Where images and texts are put. */
  readonly media: string;
  readonly report: ReportProblem;
  /** Told of what is no loss, such as the end of a log that is still being written. */
  readonly note: ReportProblem;
}

/** Reads the event files of one run, in order. */
export async function readLoggedRun(files: readonly string[], { media, report, note }: RunReading): Promise<LoggedRun> {
  const points = new Map<string, Point[]>();
  const plugins = new Map<string, string>();
  const leftOut = new Map<string, number>();
  const texts = new Map<string, string[]>();
  const params: Record<string, string> = {};
  let status: LoggedRun['status'];
  let span: [number, number] | undefined;

  const take = async (value: SummaryValue, step: number, time: number): Promise<void> => {
    const { tag, content, scalar, tensor, image } = value;
    if (value.plugin !== undefined) plugins.set(tag, value.plugin);
    const plugin = plugins.get(tag) ?? '';
    if (plugin === 'hparams') {
      const found = content === undefined ? { params: {}, status: undefined } : readHparams(content);
      Object.assign(params, found.params);
      status = found.status ?? status;
    } else if (scalar !== undefined || (tensor?.numbers.length === 1 && ['', 'scalars'].includes(plugin))) {
      const own = points.get(tag) ?? [];
      own.push([step, time, scalar ?? (tensor?.numbers[0] as number)]);
      points.set(tag, own);
    } else if (plugin === 'text' && tensor !== undefined) {
      const own = texts.get(tag) ?? [];
      own.push(`# step ${step}\n\n${tensor.texts.map((text) => new TextDecoder().decode(text)).join('\n')}\n`);
      texts.set(tag, own);
    } else if (image !== undefined || (plugin === 'images' && tensor !== undefined)) {
      // As tensors: width and height, then one encoded image each.
      const images = image === undefined ? (tensor?.texts.slice(2) ?? []) : [image];
      for (const [at, one] of images.entries())
        await put(media, `images/${tag}/step-${step}${images.length === 1 ? '' : `-${at}`}${endingOf(one)}`, one);
    } else {
      const kind = value.other ?? (plugin === '' ? 'values of no known kind' : plugin);
      leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1);
    }
  };

  for (const file of files) {
    const broken = { damaged: 0 };
    const records = readRecords(file, ({ offset, problem, cut }) => {
      broken.damaged += 1;
      if (cut) note(basename(file), `${problem} after ${offset} bytes; what is before it comes`);
      else report(basename(file), `${problem} (after ${offset} bytes)`);
    });
    try {
      for await (const record of records) {
        const event = toEvent(record);
        if (event === undefined) {
          report(basename(file), 'a record is no event of TensorBoard');
          continue;
        }
        const time = Math.round(event.wallTime * 1000);
        span = [Math.min(span?.[0] ?? time, time), Math.max(span?.[1] ?? time, time)];
        for (const value of event.values) await take(value, event.step, time);
      }
    } catch (error) {
      report(basename(file), `it cannot be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`);
    }
  }
  for (const [tag, own] of texts) await put(media, `text/${tag}.md`, Buffer.from(own.join('\n')));
  const series = [...points].map(([key, own]) => ({ key, points: toSeries(own.filter(isWhole)) }));
  return { series, params, status, span, leftOut };
}

function isWhole([step, time]: Point): boolean {
  return Number.isSafeInteger(step) && Number.isSafeInteger(time);
}

function toEvent(record: Uint8Array): TensorboardEvent | undefined {
  try {
    return readEvent(record);
  } catch {
    return undefined;
  }
}

/** A tag is any text: as a path it stays below its folder. */
async function put(media: string, path: string, bytes: Uint8Array): Promise<void> {
  const parts = path.split('/').map((part) => part.replaceAll(/[^\p{L}\p{N}_.\- ]/gu, '_').replace(/^\.+$/, '_'));
  const target = join(media, ...parts.filter((part) => part !== ''));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, bytes);
}

function endingOf(image: Uint8Array): string {
  if (image[0] === 0x89 && image[1] === 0x50) return '.png';
  if (image[0] === 0xff && image[1] === 0xd8) return '.jpg';
  return image[0] === 0x47 && image[1] === 0x49 ? '.gif' : '.bin';
}
