import { open } from 'node:fs/promises';
import { maskedCrc32c } from './crc32c.ts';

export interface BrokenRecord {
  /** Bytes before it. */
  readonly offset: number;
  readonly problem: string;
  /** Whether it is only the end that is not there yet, as in a log that is being written. */
  readonly cut: boolean;
}

const HEAD = 12;
const FOOT = 4;
/** A record is one event; larger ones are no events. */
const MOST = 256 * 1024 * 1024;
const READ = 1024 * 1024;

/**
 * The records of a TFRecord file: length, its checksum, data, its checksum, all little-endian. A record whose data are damaged is told and passed by; after a
 * damaged length nothing more can be found.
 */
export async function* readRecords(path: string, broken: (record: BrokenRecord) => void): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    let held: Buffer = Buffer.alloc(0);
    let offset = 0;
    let position = 0;
    /** Whether that many bytes are there. */
    const fill = async (wanted: number): Promise<boolean> => {
      if (held.length >= wanted) return true;
      const pieces = [held];
      let length = held.length;
      while (length < wanted) {
        const piece = Buffer.alloc(Math.max(READ, Math.min(wanted - length, MOST)));
        const { bytesRead } = await file.read(piece, 0, piece.length, position);
        if (bytesRead === 0) break;
        position += bytesRead;
        length += bytesRead;
        pieces.push(piece.subarray(0, bytesRead));
      }
      held = Buffer.concat(pieces);
      return held.length >= wanted;
    };
    for (;;) {
      if (!(await fill(HEAD))) {
        if (held.length > 0) broken({ offset, problem: 'its last record is cut off', cut: true });
        return;
      }
      const length = Number(held.readBigUInt64LE(0));
      if (maskedCrc32c(held.subarray(0, 8)) !== held.readUInt32LE(8) || length > MOST) {
        broken({ offset, problem: 'the length of a record is damaged, so that nothing after it can be found', cut: false });
        return;
      }
      const whole = HEAD + length + FOOT;
      if (!(await fill(whole))) {
        broken({ offset, problem: 'its last record is cut off', cut: true });
        return;
      }
      const data = held.subarray(HEAD, HEAD + length);
      if (maskedCrc32c(data) === held.readUInt32LE(HEAD + length)) yield data;
      else broken({ offset, problem: 'a record is damaged', cut: false });
      held = held.subarray(whole);
      offset += whole;
    }
  } finally {
    await file.close();
  }
}
