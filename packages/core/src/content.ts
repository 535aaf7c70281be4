/** What programs need that only move files: commands and their threads start many times faster without all the rest of the domain. */
export { CHUNK_SIZE, PIECES_FROM, cutChunk } from './dataset/chunk.ts';
export { decodeFrames, encodeFrame } from './dataset/frame.ts';
export { byPath, checkManifest, entriesUnder, toManifestText } from './dataset/manifest.ts';
export { fault, isFault } from './fault/fault.ts';
