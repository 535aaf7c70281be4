import type { Page, PageRequest } from '../ports/page.ts';
import type { GcRun, Garbage, Hold, OwnedDigest } from './types.ts';

/** Records that name content and that no other reader lists whole. */
export type DigestKind = 'artifact' | 'part' | 'patch' | 'profile';

/** What can be deleted and restored, in the order it is collected: what belongs to another comes before it. */
export type DeletedKind = 'logged model' | 'run' | 'experiment';

export interface GcReader {
  digests(kind: DigestKind, page: PageRequest): Promise<Page<OwnedDigest>>;
  /** Those deleted before that time, by id. */
  deleted(kind: DeletedKind, before: number, page: PageRequest): Promise<Page<Garbage>>;
  /** What refers to it; undefined when nothing does. What is in `condemned` (`run/<id>`, `model/<id>`) counts as gone. */
  hold(kind: DeletedKind, id: string, condemned: ReadonlySet<string>): Promise<Hold | undefined>;
  run(id: string): Promise<GcRun | undefined>;
  /** Newest first. */
  runs(page: PageRequest): Promise<Page<GcRun>>;
}

export interface GcStore extends GcReader {
  /** With everything that was logged to it; false when it is not deleted any more. Metrics of a run go by `finish`. */
  remove(kind: DeletedKind, id: string): Promise<boolean>;
  /** Removes up to so many rows that removed runs have left; gives how many it found. */
  finish(limit: number): Promise<number>;
  /** Inserts, or writes over the one of that id. */
  putRun(run: GcRun): Promise<void>;
}
