import type { DatasetRef } from '../dataset/types.ts';
import type { Page, PageRequest } from '../ports/page.ts';
import type { ConsoleChunk, ConsoleLine, DatasetUser, Recording, RunSurroundings, RunUsage } from './types.ts';

export interface RecordingReader {
  get(run: string): Promise<Recording | undefined>;
  /** Open ones whose lease ended before `now`. */
  silent(now: number, limit: number): Promise<readonly Recording[]>;
  /** Lines after a number, oldest first. */
  lines(run: string, after: number, limit: number): Promise<readonly ConsoleLine[]>;
  /** The last lines, oldest first. */
  tail(run: string, limit: number): Promise<readonly ConsoleLine[]>;
  /** By source and attempt. */
  usage(run: string): Promise<readonly RunUsage[]>;
  /** Runs that read a version, newest first. */
  users(ref: DatasetRef, page: PageRequest): Promise<Page<DatasetUser>>;
  /** The newest version of the dataset whose manifest's digest begins with these hex digits. */
  versionByDigest(dataset: string, hex: string): Promise<DatasetRef | undefined>;
}

export interface RecordingStore extends RecordingReader {
  put(recording: Recording): Promise<void>;
  putUsage(usage: RunUsage): Promise<void>;
  /** Adds to the run's record what is known of it; what is absent stays. */
  setSurroundings(run: string, surroundings: RunSurroundings): Promise<void>;
  /** `bytes` as `placeLines` counted them. */
  append(run: string, chunk: ConsoleChunk, part: 'head' | 'tail', bytes: number): Promise<void>;
  /** Drops the oldest of the tail, at least so many bytes of it; gives how many it was. */
  dropTail(run: string, bytes: number): Promise<number>;
}
