import type { FileHandle } from 'node:fs/promises';
import { open, readdir, unlink } from 'node:fs/promises';
import type { PredictionRecord } from '@pawl/core';
import { fromSpoolPosition, segmentNumbers, segmentPath, toSpoolPosition } from './segment.ts';

export interface SpoolRead {
  readonly records: readonly PredictionRecord[];
  /** Where to go on; the same as before when there was nothing new. */
  readonly position: string;
  /** Whole lines that were no records: damage of the file. */
  readonly damaged: number;
}

const READ_BYTES = 256 * 1024;
const LINE_FEED = 10;

async function segmentsOf(folder: string): Promise<readonly number[]> {
  return segmentNumbers(await readdir(folder).catch(() => []));
}

/** Whole lines of a file from `offset` on, at most `limit`; ends before an unfinished last line. */
async function readLines(
  file: FileHandle,
  offset: number,
  limit: number,
): Promise<{ readonly lines: readonly string[]; readonly offset: number }> {
  const lines: string[] = [];
  let position = offset;
  let rest = Buffer.alloc(0);
  while (lines.length < limit) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, position + rest.length);
    if (bytesRead === 0) break;
    const chunk = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1 && lines.length < limit; end = chunk.indexOf(LINE_FEED, start)) {
      lines.push(chunk.toString('utf8', start, end));
      start = end + 1;
    }
    position += start;
    rest = chunk.subarray(start);
  }
  return { lines, offset: position };
}

function toRecord(line: string): PredictionRecord | undefined {
  try {
    return JSON.parse(line) as PredictionRecord;
  } catch {
    return undefined;
  }
}

/**
 * Reads at most `limit` lines after `position` (undefined: from the start), in the order they were appended. An unfinished last line is left for the next
 * time while its segment is the newest, and skipped once there is another: the process that wrote it was killed before it answered.
 */
export async function readSpool(folder: string, position: string | undefined, limit: number): Promise<SpoolRead> {
  const segments = await segmentsOf(folder);
  const newest = segments.at(-1);
  let { segment, offset } = fromSpoolPosition(position);
  // Numbers only start again when somebody emptied the folder: what is there now is new.
  if (newest !== undefined && newest < segment) [segment, offset] = [0, 0];
  const records: PredictionRecord[] = [];
  let damaged = 0;
  for (const number of segments) {
    // A damaged line counts too: a segment is left only when all its lines were read.
    const room = limit - records.length - damaged;
    if (number < segment || room <= 0) continue;
    if (number > segment) [segment, offset] = [number, 0];
    const file = await open(segmentPath(folder, number), 'r');
    try {
      const read = await readLines(file, offset, room);
      offset = read.offset;
      const found = read.lines.flatMap((line) => toRecord(line) ?? []);
      damaged += read.lines.length - found.length;
      records.push(...found);
    } finally {
      await file.close();
    }
  }
  return {
    records,
    position: segment === 0 ? (position ?? toSpoolPosition({ segment, offset })) : toSpoolPosition({ segment, offset }),
    damaged,
  };
}

/** Removes the segments that lie wholly before `position`. The newest stays, so that numbers go on growing. */
export async function dropSpool(folder: string, position: string): Promise<void> {
  const { segment } = fromSpoolPosition(position);
  const segments = await segmentsOf(folder);
  for (const number of segments) {
    if (number < segment && number !== segments.at(-1)) await unlink(segmentPath(folder, number));
  }
}
