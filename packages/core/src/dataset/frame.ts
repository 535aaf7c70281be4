import { fault } from '../fault/fault.ts';
import type { NamedBytes } from '../ports/blobs.ts';
import type { Digest } from '../ports/digest.ts';

/**
 * How many small contents travel in one message: for each the 32 bytes of its digest, its length (uint32, big-endian) and its bytes. A last record of length 2^32 − 1 holds no
 * content: after it comes the text of an error, URI-encoded: whoever sends has found something wrong when the message had begun already.
 */
const HEAD = 36;
const ERROR_LENGTH = 0xffffffff;
/** In bytes; contents beyond it travel by themselves, or in pieces. */
export const FRAME_LIMIT: number = 1024 * 1024;

export function encodeFrame({ digest, bytes }: NamedBytes): Uint8Array {
  const frame = new Uint8Array(HEAD + bytes.length);
  for (let index = 0; index < 32; index += 1) frame[index] = Number.parseInt(digest.slice(7 + index * 2, 9 + index * 2), 16);
  new DataView(frame.buffer).setUint32(32, bytes.length);
  frame.set(bytes, HEAD);
  return frame;
}

/** The end of a message that cannot be completed, and why. */
export function encodeFrameError(message: string): Uint8Array {
  const text = Uint8Array.from(encodeURIComponent(message), (character) => character.charCodeAt(0));
  const frame = new Uint8Array(HEAD + text.length);
  new DataView(frame.buffer).setUint32(32, ERROR_LENGTH);
  frame.set(text, HEAD);
  return frame;
}

/** Reads the contents of a message, unverified, as they come in. Throws `invalid_input` for one that is cut off or too large, and an Error with the sender's own words. */
export async function* decodeFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<NamedBytes> {
  let held: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  for await (const piece of source) {
    held = held.length === 0 ? piece : join(held, piece);
    let at = 0;
    while (held.length - at >= HEAD) {
      const length = new DataView(held.buffer, held.byteOffset + at).getUint32(32);
      if (length === ERROR_LENGTH) break;
      if (length > FRAME_LIMIT) throw fault('too_large', { what: 'One content of the message', limit: FRAME_LIMIT });
      if (held.length - at < HEAD + length) break;
      yield { digest: toDigest(held.subarray(at, at + 32)), bytes: held.subarray(at + HEAD, at + HEAD + length) };
      at += HEAD + length;
    }
    held = held.subarray(at);
  }
  if (held.length === 0) return;
  if (held.length >= HEAD && new DataView(held.buffer, held.byteOffset).getUint32(32) === ERROR_LENGTH)
    throw new Error(decodeURIComponent(String.fromCharCode(...held.subarray(HEAD, HEAD + 10_000))));
  throw fault('invalid_input', { where: 'the message', problem: 'it is cut off in the middle of a content.' });
}

function toDigest(bytes: Uint8Array): Digest {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return `sha256:${hex}`;
}

function join(one: Uint8Array, two: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + two.length);
  both.set(one);
  both.set(two, one.length);
  return both;
}
