/**
 * What DVC 2 hashed (`iterative/dvc-data:src/dvc_data/hashfile/{hash,istextfile}.py`): content in chunks of 1 MiB, of which those that look like text have their
 * line ends made Unix's. A pair that lies across two chunks stays.
 */

export const LEGACY_CHUNK: number = 1 << 20;
const LOOKED_AT = 512;
const MOST_ODD = 0.3;

const isTextByte = (byte: number): boolean =>
  (byte >= 0x20 && byte <= 0x7e) || byte === 8 || byte === 9 || byte === 10 || byte === 12 || byte === 13;

function looksLikeText(chunk: Uint8Array): boolean {
  const head = chunk.subarray(0, LOOKED_AT);
  let odd = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (!isTextByte(byte)) odd += 1;
  }
  return odd <= head.length * MOST_ODD;
}

/** A chunk as it goes into the legacy MD5. Chunks must begin at multiples of `LEGACY_CHUNK`. */
export function toUnixLines(chunk: Uint8Array): Uint8Array {
  if (!chunk.includes(13) || !looksLikeText(chunk)) return chunk;
  const out = new Uint8Array(chunk.length);
  let length = 0;
  for (let at = 0; at < chunk.length; at++) {
    if (chunk[at] === 13 && chunk[at + 1] === 10) continue;
    out[length++] = chunk[at] as number;
  }
  return out.subarray(0, length);
}
