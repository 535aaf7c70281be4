import { excerpt } from './excerpt.ts';

/** Longer ones are programs, not patterns. */
const MOST_CHARACTERS = 1000;

/**
 * Why a regular expression is not taken; undefined for one that is. Engines differ beyond the common core: what looks around or back is in none that
 * promises to end in time linear in the text.
 */
export function refusePattern(pattern: string): string | undefined {
  if (pattern.length > MOST_CHARACTERS) return `A regular expression may have at most ${MOST_CHARACTERS} characters`;
  const bare = pattern.replaceAll(/\\[^1-9k]/gs, '').replaceAll(/\[\^?\]?[^\]]*\]/g, '');
  if (/\(\?(?:[=!]|<[=!])/.test(bare) || /\\[1-9k]/.test(bare)) return 'A regular expression may not look around or refer back';
  try {
    RegExp(pattern, 'u');
    return undefined;
  } catch {
    return `Invalid regular expression '${excerpt(pattern)}'`;
  }
}
