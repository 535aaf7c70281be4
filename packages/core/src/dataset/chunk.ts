/**
 * Content-defined chunking: a large content is cut where its bytes say so, and not at fixed places, so that an insertion or an appended row changes only the pieces around it.
 * Gear hash, normalised around the mean by two masks, cut points below the least size skipped: FastCDC, W. Xia et al., "FastCDC: a Fast and Efficient Content-Defined Chunking
 * Approach for Data Deduplication", USENIX ATC 2016 (normalisation level 2, section 3.4).
 */

/** In bytes. The mean is that of huggingface/xet-core; a smaller one finds more in common, and costs more entries. */
export const CHUNK_SIZE: { readonly least: number; readonly mean: number; readonly most: number } = {
  least: 16 * 1024,
  mean: 64 * 1024,
  most: 256 * 1024,
};

/** A new version of a file of this size or more is stored, and sent, by its pieces: it pays as soon as a small part of it is as before. In bytes. */
export const PIECES_FROM: number = 4 * 1024 * 1024;

/**
 * A cut before the mean needs two bits more than the 16 that make a mean of 64 KiB, one after it two bits less. They are the top bits of the hash, which depend on the last
 * 32 bytes.
 */
const STRICT_MASK = 0xffffc000 | 0;
const LOOSE_MASK = 0xfffc0000 | 0;

/** Any fixed table of random words will do, but it may never change: it decides which pieces two versions have in common. SplitMix32 from 0. */
const GEAR = (() => {
  const table = new Int32Array(256);
  let state = 0;
  for (let index = 0; index < 256; index += 1) {
    state = (state + 0x9e3779b9) | 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    table[index] = word ^ (word >>> 15);
  }
  return table;
})();

/**
 * Where the chunk that begins at `start` ends. `end` is the end of the content, or at least `CHUNK_SIZE.most` bytes on: a nearer one would be taken for a cut.
 */
export function cutChunk(bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end, start + CHUNK_SIZE.most);
  if (last - start <= CHUNK_SIZE.least) return last;
  const mean = Math.min(last, start + CHUNK_SIZE.mean);
  let hash = 0;
  let at = start + CHUNK_SIZE.least;
  for (; at < mean; at += 1) {
    hash = ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;
    if ((hash & STRICT_MASK) === 0) return at + 1;
  }
  for (; at < last; at += 1) {
    hash = ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;
    if ((hash & LOOSE_MASK) === 0) return at + 1;
  }
  return last;
}
