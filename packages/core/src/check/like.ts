import { toPattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';

/** SQL's LIKE as a pattern over the whole text: `%` stands for any text, `_` for one character. Throws RangeError when the escape character ends it. */
export function toLikePattern(like: string, escape: string | null = null): Pattern {
  let source = '(?s)^';
  const characters = Array.from(like);
  for (let at = 0; at < characters.length; at += 1) {
    let character = characters[at] as string;
    if (character === escape) {
      at += 1;
      const escaped = characters[at];
      if (escaped === undefined) throw new RangeError(`the pattern ${JSON.stringify(like)} ends with its escape character`);
      character = escaped;
    } else if (character === '%' || character === '_') {
      source += character === '%' ? '.*' : '.';
      continue;
    }
    source += /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
  }
  return toPattern(`${source}\\Z`);
}
