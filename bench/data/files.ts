import { execFileSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync, gunzipSync } from 'node:zlib';

const INSTALLED = '/usr/share/datasets/fashion-mnist';
const SIDE = 28;

/** Debian's `dataset-fashion-mnist` as `train/<label>/<number>.png` and `t10k/…`: 70,000 files. */
export async function makeImages(folder: string): Promise<void> {
  const source = findSource();
  for (const set of ['train', 't10k']) {
    const images = gunzipSync(readFileSync(join(source, `${set}-images-idx3-ubyte.gz`)));
    const labels = gunzipSync(readFileSync(join(source, `${set}-labels-idx1-ubyte.gz`)));
    for (let label = 0; label < 10; label += 1) mkdirSync(join(folder, set, String(label)), { recursive: true });
    for (let index = 0; index < labels.length - 8; index += 1) {
      const start = 16 + index * SIDE * SIDE;
      const path = join(folder, set, String(labels[8 + index]), `${String(index).padStart(5, '0')}.png`);
      writeFileSync(path, toPng(images.subarray(start, start + SIDE * SIDE)));
    }
  }
  // A file of a known name to change.
  writeFileSync(join(folder, 'train', '3', '00003.png'), toPng(Buffer.alloc(SIDE * SIDE)));
}

function findSource(): string {
  if (existsSync(INSTALLED)) return INSTALLED;
  const cache = join(import.meta.dirname, '../../.cache/fashion-mnist');
  const unpacked = join(cache, INSTALLED);
  if (existsSync(unpacked)) return unpacked;
  mkdirSync(cache, { recursive: true });
  execFileSync('apt-get', ['download', '-qq', 'dataset-fashion-mnist'], { cwd: cache, stdio: 'inherit' });
  const [name = ''] = readdirSync(cache).filter((file) => file.endsWith('.deb'));
  execFileSync('dpkg', ['-x', name, '.'], { cwd: cache });
  return unpacked;
}

/** Grey, 8 bits (ISO/IEC 15948). */
function toPng(pixels: Uint8Array): Buffer {
  const head = Buffer.from([0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 0, 0, 0, 0]);
  const rows = Buffer.alloc(SIDE * (SIDE + 1));
  for (let row = 0; row < SIDE; row += 1) rows.set(pixels.subarray(row * SIDE, (row + 1) * SIDE), row * (SIDE + 1) + 1);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const bytes = Buffer.alloc(body.length + 8);
    bytes.writeUInt32BE(data.length);
    body.copy(bytes, 4);
    bytes.writeUInt32BE(crc32(body), body.length + 4);
    return bytes;
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
}

export function writeRandom(path: string, size: number): void {
  const buffer = Buffer.alloc(4_000_000);
  const file = openSync(path, 'w');
  for (let at = 0; at < size; at += buffer.length) {
    randomFillSync(buffer);
    writeSync(file, buffer, 0, Math.min(buffer.length, size - at));
  }
  closeSync(file);
}

/** Seconds that one core takes to read the file, which the system holds in memory, and to take its SHA-256; the best of three. */
export function digestLimit(path: string): number {
  const buffer = Buffer.alloc(1024 * 1024);
  let best = Infinity;
  for (let round = 0; round < 3; round += 1) {
    const hash = createHash('sha256');
    const file = openSync(path, 'r');
    const began = performance.now();
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) hash.update(buffer.subarray(0, count));
    hash.digest();
    best = Math.min(best, (performance.now() - began) / 1000);
    closeSync(file);
  }
  return best;
}
