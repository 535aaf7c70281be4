import type { Form } from '../assertion.ts';
import type { Kwargs } from '../kwargs.ts';

/** One word of the vocabulary: Great Expectations' name and keyword arguments, or one of Pawl's own. */
export interface ExpectationWord {
  readonly type: string;
  /** Names of its keyword arguments, without those that every expectation takes. */
  readonly kwargs: readonly string[];
  /** Those it cannot do without. */
  readonly required: readonly string[];
  /** Whether one record alone can be judged by it, as serving does. */
  readonly perRecord: boolean;
}

export interface Word extends ExpectationWord {
  readonly read: (kwargs: Kwargs) => Form;
}

export const BOUNDS: readonly string[] = ['min_value', 'max_value', 'strict_min', 'strict_max'];

/** `kwargs` as they are written in a signature: those with a question mark may be left out. */
export function word(type: string, kwargs: readonly string[], read: (kwargs: Kwargs) => Form, perRecord = false): Word {
  const names = kwargs.map((name) => name.replace(/\?$/, ''));
  const optional = (name: string): boolean => name.endsWith('?') || BOUNDS.includes(name);
  return { type, kwargs: names, required: kwargs.filter((name) => !optional(name)), perRecord, read };
}
