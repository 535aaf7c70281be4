export { createDigestStream, hashSha256 } from './clock/sha256.ts';
export type { DigestStream } from './clock/sha256.ts';
export { createFsBlobs } from './fs/blobs.ts';
export type { FsBlobsOptions } from './fs/blobs.ts';
export { createFolders } from './fs/folders.ts';
export type { FoldersOptions } from './fs/folders.ts';
export { lockHome } from './fs/home.ts';
export type { HomeLock } from './fs/home.ts';
