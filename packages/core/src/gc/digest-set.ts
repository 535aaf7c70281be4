import type { Digest } from '../ports/digest.ts';

const WORDS = 8;
const FIRST_SIZE = 1024;

/** Digests by the million in 32 bytes each: an open hash table whose keys are their own hash. */
export class DigestSet {
  #table = new Uint32Array(FIRST_SIZE * WORDS);
  #capacity = FIRST_SIZE;
  #size = 0;
  /** An empty place is all zeros, so that digest is kept aside. */
  #zero = false;

  get size(): number {
    return this.#size + (this.#zero ? 1 : 0);
  }

  add(digest: Digest): void {
    const words = toWords(digest);
    if (words.every((word) => word === 0)) {
      this.#zero = true;
      return;
    }
    const at = this.#find(words);
    if (!this.#isEmpty(at)) return;
    this.#table.set(words, at);
    this.#size++;
    if (this.#size * 2 > this.#capacity) this.#grow();
  }

  has(digest: Digest): boolean {
    const words = toWords(digest);
    return words.every((word) => word === 0) ? this.#zero : !this.#isEmpty(this.#find(words));
  }

  /** Where the digest is, or the empty place where it would be. */
  #find(words: Uint32Array): number {
    for (let slot = (words[0] ?? 0) % this.#capacity; ; slot = (slot + 1) % this.#capacity) {
      const at = slot * WORDS;
      if (this.#isEmpty(at) || words.every((word, index) => this.#table[at + index] === word)) return at;
    }
  }

  #isEmpty(at: number): boolean {
    for (let index = 0; index < WORDS; index++) if (this.#table[at + index] !== 0) return false;
    return true;
  }

  #grow(): void {
    const old = this.#table;
    this.#capacity *= 2;
    this.#table = new Uint32Array(this.#capacity * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      const words = old.subarray(at, at + WORDS);
      if (words.some((word) => word !== 0)) this.#table.set(words, this.#find(words));
    }
  }
}

/** Reads `sha256:<64 hex digits>`; throws RangeError for any other text. */
function toWords(digest: Digest): Uint32Array {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new RangeError(`"${digest}" is not a digest`);
  return Uint32Array.from({ length: WORDS }, (_, index) => Number.parseInt(digest.slice(7 + 8 * index, 15 + 8 * index), 16));
}
