/** Everything that a command on the client's machine does with files; nothing of the server's other edges is loaded with it. */
export { createFsBlobs } from '../fs/blobs/blobs.ts';
export { PACKED_UP_TO } from '../fs/blobs/store-writer.ts';
export type { LinkKind } from '../fs/blobs/store-writer.ts';
export { hashSha256 } from '../clock/sha256.ts';
export { digestFolder } from './digest-folder.ts';
export type { DigestedFile, DigestedFolder } from './digest-folder.ts';
export type { Target, ThreadStart } from './job.ts';
export { NO_ROWS, buildRows } from './rows.ts';
export type { WorkspaceRow, WorkspaceRows } from './rows.ts';
export { EMPTY_STATE, readState, toDisk, writeState } from './state.ts';
export type { WorkspaceBase, WorkspaceState } from './state.ts';
export { createThreads } from './threads.ts';
export type { Threads } from './threads.ts';
export { statFile, walk } from './walk.ts';
export type { WalkedFile } from './walk.ts';
