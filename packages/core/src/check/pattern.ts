import { placeOfFault } from './pattern-place.ts';

/** A regular expression in the part that Python's `re`, RE2 and JavaScript share, written for the two engines that run it so that both find the same. */
export interface Pattern {
  readonly source: string;
  /** For RE2 (DuckDB), flags in front. */
  readonly re2: string;
  /** For JavaScript, with the flag `u` (and `i`). */
  readonly script: string;
  readonly ignoreCase: boolean;
}

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

/** Of the whole text: the pattern runs without the flag `m`, whose lines end in more ways than RE2's. */
const START = '^';
const END = '$';
/** White space as RE2 has it; JavaScript's is larger. */
const SPACE = '\\t\\n\\f\\r ';
const MAX_REPEAT = 1000;

/**
 * Reads a pattern; it is searched for, not matched whole. Throws RangeError, with the position, on what one of the engines cannot do (look-around, back-references)
 * or would read otherwise (POSIX classes, flags inside).
 */
export function toPattern(source: string): Pattern {
  const leading = /^\(\?([ims]+)\)/.exec(source);
  const letters = leading?.[1] ?? '';
  const flags: Flags = { i: letters.includes('i'), m: letters.includes('m'), s: letters.includes('s') };
  const { re2, script } = translate(source, leading?.[0].length ?? 0, flags);
  try {
    new RegExp(script, flags.i ? 'iu' : 'u');
  } catch (error) {
    throw refused(source, placeOfFault(source), `it is no regular expression there (${lastPart(error)})`);
  }
  return { source, re2: `(?${letters}${flags.s ? '' : '-s'})${re2}`, script, ignoreCase: flags.i };
}

function translate(source: string, start: number, flags: Flags): { readonly re2: string; readonly script: string } {
  let re2 = '';
  let script = '';
  let at = start;
  const emit = (length: number, forRe2: string, forScript: string = forRe2): void => {
    re2 += forRe2;
    script += forScript;
    at += length;
  };
  while (at < source.length) {
    const rest = source.slice(at);
    const first = rest[0] ?? '';
    const group = /^\(\?(?:P?<([A-Za-z_][A-Za-z0-9_]*)>|:)/.exec(rest);
    const repeat = /^\{(\d+)(?:,(\d*))?\}/.exec(rest);
    if (group !== null)
      emit(group[0].length, group[1] === undefined ? '(?:' : `(?P<${group[1]}>`, group[1] === undefined ? '(?:' : `(?<${group[1]}>`);
    else if (rest.startsWith('(?')) throw refused(source, at, 'look-around, flags inside and conditions are not supported');
    else if (repeat !== null) {
      if (Math.max(Number(repeat[1]), Number(repeat[2] ?? 0)) > MAX_REPEAT)
        throw refused(source, at, `a repetition above ${MAX_REPEAT} is not supported`);
      emit(repeat[0].length, repeat[0]);
    } else if (first === '[') {
      const set = translateSet(source, at);
      emit(set.length, set.re2, set.script);
    } else if (first === '\\') {
      const escape = translateEscape(source, at, false);
      emit(escape.length, escape.re2, escape.script);
    } else if (first === '.') emit(1, '.', flags.s ? '[\\s\\S]' : '[^\\n]');
    else if (first === '^') emit(1, '^', flags.m ? `(?:${START}|(?<=\\n))` : START);
    else if (first === '$') emit(1, '$', flags.m ? `(?:${END}|(?=\\n))` : END);
    else {
      const point = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      emit(point.length, point);
    }
  }
  return { re2, script };
}

interface Piece {
  readonly length: number;
  readonly re2: string;
  readonly script: string;
}

function translateSet(source: string, start: number): Piece {
  const any = /^\[(?:\\s\\S|\\S\\s)\]/.exec(source.slice(start));
  if (any !== null) return { length: any[0].length, re2: '(?s:.)', script: '[\\s\\S]' };
  const open = source[start + 1] === '^' ? '[^' : '[';
  let re2 = open;
  let script = open;
  let at = start + open.length;
  if (source[at] === ']') throw refused(source, at, 'write a closing bracket in a set as \\]');
  while (at < source.length && source[at] !== ']') {
    if (source[at] === '[') throw refused(source, at, 'write an opening bracket in a set as \\[');
    const piece = source[at] === '\\' ? translateEscape(source, at, true) : literal(source, at);
    re2 += piece.re2;
    script += piece.script;
    at += piece.length;
  }
  if (at >= source.length) throw refused(source, start, 'the set is not closed');
  return { length: at + 1 - start, re2: `${re2}]`, script: `${script}]` };
}

function literal(source: string, at: number): Piece {
  const point = String.fromCodePoint(source.codePointAt(at) ?? 0);
  return { length: point.length, re2: point, script: point };
}

function translateEscape(source: string, at: number, inSet: boolean): Piece {
  const rest = source.slice(at);
  const code = /^\\(?:x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/.exec(rest);
  if (code !== null) {
    const hex = code[1] ?? code[2] ?? code[3] ?? '';
    return { length: code[0].length, re2: `\\x{${hex}}`, script: `\\u{${hex}}` };
  }
  const property = /^\\[pP]\{(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?)\}/.exec(rest);
  if (property !== null) return { length: property[0].length, re2: property[0], script: property[0] };
  const letter = rest[1] ?? '';
  const piece = (re2: string, script: string = re2): Piece => ({ length: 2, re2, script });
  if (/[dDwWtnfrv]/.test(letter)) return piece(`\\${letter}`);
  if (letter === 's') return piece('\\s', inSet ? SPACE : `[${SPACE}]`);
  if (letter === 'S' && !inSet) return piece('\\S', `[^${SPACE}]`);
  if (/[bB]/.test(letter) && !inSet) return piece(`\\${letter}`);
  if (letter === 'A' && !inSet) return piece('\\A', START);
  if (/[zZ]/.test(letter) && !inSet) return piece('\\z', END);
  if (/[\^$\\.*+?()[\]{}|/]/.test(letter) || (inSet && letter === '-')) return piece(`\\${letter}`);
  if (/[!-/:-@`~_"'#%&,;<=> -]/.test(letter) && letter !== '')
    return piece(letter === '_' || letter === ' ' ? letter : `\\${letter}`, letter);
  throw refused(source, at, `"\\${letter}" is not supported${/[1-9k]/.test(letter) ? ': there are no back-references' : ''}`);
}

function refused(source: string, at: number, why: string): RangeError {
  return new RangeError(`the pattern ${JSON.stringify(source)} cannot be used, at position ${at}: ${why}`);
}

function lastPart(error: unknown): string {
  return error instanceof Error ? error.message.slice(error.message.lastIndexOf(': ') + 2).toLowerCase() : String(error);
}
