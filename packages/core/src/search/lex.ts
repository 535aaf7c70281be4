import { fault } from '../fault/fault.ts';
import { excerpt, surroundings } from './excerpt.ts';

export interface Token {
  /** `word`: identifier or keyword; `text`: quoted with ' or ", which on the left side is an identifier; `sign`: comparison; `mark`: ( ) , */
  readonly kind: 'word' | 'text' | 'number' | 'sign' | 'mark';
  /** As written. */
  readonly raw: string;
  /** Where it starts, counted from 0. */
  readonly at: number;
}

const SPACE = /\s+/y;
const SIGN = /<=|>=|!=|<>|==|[=<>]/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`/y;
const BARE = /[^\s'"`()<>=!,;]+/y;

/** Splits a filter or an order into tokens. Throws `search_filter_invalid`. */
export function lex(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const space = match(SPACE, source, at);
    if (space !== '') {
      at += space.length;
      continue;
    }
    const raw = match(SIGN, source, at) || mark(source, at) || word(source, at);
    if (raw === '') throw refuseAt(source, at, `Invalid clause(s) in filter string: '${excerpt(source.slice(at))}'`);
    tokens.push({ kind: kindOf(raw), raw, at });
    at += raw.length;
  }
  return tokens;
}

/** A fault about what stands at a place of a filter, counted from 0. */
export function refuseAt(source: string, at: number, problem: string): Error {
  const near = surroundings(source, at);
  return fault('search_filter_invalid', { problem, at: at + 1, ...(near === undefined ? {} : { near }) });
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}

function mark(source: string, at: number): string {
  const character = source[at] ?? '';
  return '(),'.includes(character) ? character : '';
}

/** Pieces that follow each other with nothing between: tags."a b", attributes.`Run name`. */
function word(source: string, start: number): string {
  let at = start;
  for (;;) {
    const piece = match(QUOTED, source, at) || match(BARE, source, at);
    if (piece === '') break;
    at += piece.length;
    // A quoted piece goes on only with a dot: what else touches it is another token.
    if (isQuoted(piece) && source[at] !== '.') break;
    if (!isQuoted(piece) && !piece.endsWith('.')) break;
  }
  return source.slice(start, at);
}

function isQuoted(piece: string): boolean {
  return piece.length >= 2 && '\'"`'.includes(piece[0] ?? ' ') && piece.endsWith(piece[0] ?? ' ');
}

function kindOf(raw: string): Token['kind'] {
  if (raw === '(' || raw === ')' || raw === ',') return 'mark';
  if (/^[<>=!]/.test(raw)) return 'sign';
  if (NUMBER.test(raw)) return 'number';
  return /^(?:'(?:[^']|'')*'|"(?:[^"]|"")*")$/.test(raw) ? 'text' : 'word';
}

/** The text between quotes, with doubled ones single; other text as it is. */
export function unquote(raw: string): string {
  if (!isQuoted(raw)) return raw;
  const quote = raw[0] ?? '';
  return raw.slice(1, -1).replaceAll(quote + quote, quote);
}
