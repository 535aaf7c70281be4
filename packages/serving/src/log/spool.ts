import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import type { Log, PredictionLog, PredictionRecord } from '@pawl/core';
import { fault } from '@pawl/core';
import { segmentNumbers, segmentPath } from './segment.ts';

export interface SpoolOptions {
  /** Made when it is not there. One process writes to it. */
  readonly folder: string;
  /** A segment that has grown past this many bytes is followed by another. */
  readonly segmentBytes: number;
  readonly logger: Log;
}

export interface Spool extends PredictionLog {
  /** Records that could not be written (a full disk, say) since the start. */
  dropped(): number;
}

interface Segment {
  readonly file: number;
  readonly number: number;
  size: number;
}

/** Opens a segment that nobody has written to: what a killed process left torn stays the end of its own segment. */
function openSegment(folder: string, after: number): Segment {
  for (let number = Math.max(after, ...segmentNumbers(readdirSync(folder))) + 1; ; number++) {
    try {
      return { file: openSync(segmentPath(folder, number), 'ax'), number, size: 0 };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

/**
 * Prediction log as JSON lines in segment files. What was appended is handed to the operating system by a microtask queued during `append`: an answer
 * sent in any later microtask is therefore on record even if the process is killed right after. (A power cut may lose the last seconds.)
 * Writing never fails an answer: what does not fit is dropped, counted and logged. Throws `not_writable` when the folder cannot be used at all.
 */
export function createSpool({ folder, segmentBytes, logger }: SpoolOptions): Spool {
  let segment: Segment;
  try {
    mkdirSync(folder, { recursive: true });
    segment = openSegment(folder, 0);
  } catch (error) {
    throw fault('not_writable', { path: folder, reason: (error as NodeJS.ErrnoException).code ?? 'it cannot be opened' }, error);
  }
  let lines: string[] = [];
  let dropped = 0;
  let failing = false;
  let closed = false;

  function rotate(): void {
    const next = openSegment(folder, segment.number);
    closeSync(segment.file);
    segment = next;
  }

  /** Takes back the torn end of a failed write, or leaves it behind as the end of its segment. */
  function mend(): void {
    try {
      ftruncateSync(segment.file, segment.size);
    } catch {
      rotate();
    }
  }

  function flush(): void {
    if (lines.length === 0) return;
    const waiting = lines;
    lines = [];
    try {
      // Not joined as text: wide answers of many rows together can be more than a string holds.
      const bytes = Buffer.concat(waiting.map((line) => Buffer.from(line)));
      if (segment.size >= segmentBytes) rotate();
      if (failing) mend();
      writeWhole(segment.file, bytes);
      segment.size += bytes.length;
      if (failing) logger.warn({ folder, dropped }, 'prediction log writes again');
      failing = false;
    } catch (error) {
      dropped += waiting.length;
      if (!failing) logger.error({ folder, err: error }, 'prediction log cannot be written: predictions go unrecorded');
      failing = true;
    }
  }

  return {
    append: (records: readonly PredictionRecord[]) => {
      if (closed) {
        dropped += records.length;
        return;
      }
      if (lines.length === 0) queueMicrotask(flush);
      for (const record of records) lines.push(`${JSON.stringify(record)}\n`);
    },
    dropped: () => dropped,
    close: async () => {
      if (closed) return;
      flush();
      closed = true;
      try {
        fsyncSync(segment.file);
      } finally {
        closeSync(segment.file);
      }
    },
  };
}
