import type { Page, PageRequest } from '../ports/page.ts';
import type { DvcObject } from './types.ts';

export interface DvcReader {
  /** Those of the names that are known, in any order. */
  find(dataset: string, names: readonly string[], legacy: boolean): Promise<readonly DvcObject[]>;
  /** All there are, by dataset, legacy and name. */
  list(page: PageRequest): Promise<Page<DvcObject>>;
}

export interface DvcStore extends DvcReader {
  /** Those already known stay as they are. */
  insert(objects: readonly DvcObject[]): Promise<void>;
}
