import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The ustar format (POSIX.1-1988): blocks of 512 bytes, a block of head before each file. */
const BLOCK = 512;
/** The largest size in eleven octal digits; beyond it GNU's base-256 is written. */
const MOST_OCTAL = 0o77777777777;

/** Packs files of a folder, in the order named; names of at most 100 bytes. */
export async function packTar(folder: string, names: readonly string[], target: string): Promise<void> {
  await pipeline(
    async function* () {
      for (const name of names) {
        const { size } = await stat(join(folder, name));
        yield toHead(name, size);
        yield* createReadStream(join(folder, name));
        yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
      }
      yield Buffer.alloc(2 * BLOCK);
    },
    createWriteStream(target, { flags: 'wx' }),
  );
}

function toHead(name: string, size: number): Buffer {
  const head = Buffer.alloc(BLOCK);
  head.write(name, 0, 100, 'utf8');
  head.write('0000644\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  if (size <= MOST_OCTAL) head.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    head.writeUInt8(0x80, 124);
    head.writeBigUInt64BE(BigInt(size), 128);
  }
  head.write('00000000000\0', 136);
  head.write('        0', 148);
  head.write('ustar\u000000', 257);
  head.write(`${checksumOf(head).toString(8).padStart(6, '0')}\0 `, 148);
  return head;
}

/** Of all bytes, those of the checksum itself as spaces. */
function checksumOf(head: Buffer): number {
  let sum = 0;
  for (const [at, byte] of head.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte;
  return sum;
}

/** Unpacks the files whose names `wanted` takes into a folder. Throws RangeError with a reason for what is no tar file, or not a whole one. */
export async function unpackTar(path: string, folder: string, wanted: (name: string) => boolean): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size: length } = await file.stat();
    const head = Buffer.alloc(BLOCK);
    for (let at = 0; at + BLOCK <= length;) {
      await file.read(head, 0, BLOCK, at);
      if (head.every((byte) => byte === 0)) return;
      if (Number.parseInt(head.toString('latin1', 148, 154), 8) !== checksumOf(head))
        throw new RangeError('it is no tar file, or is damaged');
      const name = head.toString('utf8', 0, head.indexOf(0) === -1 ? 100 : Math.min(100, head.indexOf(0)));
      const size = head.readUInt8(124) === 0x80 ? Number(head.readBigUInt64BE(128)) : Number.parseInt(head.toString('latin1', 124, 135), 8);
      at += BLOCK;
      if (at + size > length) throw new RangeError('it is cut off');
      if (wanted(name)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        const source = size === 0 ? [] : createReadStream(path, { start: at, end: at + size - 1 });
        await pipeline(source, createWriteStream(join(folder, name)));
      }
      at += Math.ceil(size / BLOCK) * BLOCK;
    }
    throw new RangeError('it is cut off');
  } finally {
    await file.close();
  }
}
