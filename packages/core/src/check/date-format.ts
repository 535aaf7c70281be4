import { toPattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';

/** A format of dates as Python's `strptime` reads it: a pattern over the whole text, and which of its groups hold the day. */
export interface DateFormat {
  readonly source: string;
  readonly pattern: Pattern;
  /** Numbers of groups, from 1. The day is checked against the month only where both are there. */
  readonly groups: {
    readonly year?: number;
    readonly shortYear?: number;
    readonly month?: number;
    readonly monthName?: number;
    readonly day?: number;
  };
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const;
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const short = (names: readonly string[]): string => names.map((name) => name.slice(0, 3)).join('|');

/** Python's own expressions (`_strptime.TimeRE`), with seconds to 59, as a datetime has them. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  d: '3[0-1]|[1-2][0-9]|0[1-9]|[1-9]| [1-9]',
  f: '[0-9]{1,6}',
  H: '2[0-3]|[0-1][0-9]|[0-9]',
  I: '1[0-2]|0[1-9]|[1-9]',
  j: '36[0-6]|3[0-5][0-9]|[1-2][0-9][0-9]|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9]',
  m: '1[0-2]|0[1-9]|[1-9]',
  M: '[0-5][0-9]|[0-9]',
  S: '[0-5][0-9]|[0-9]',
  U: '5[0-3]|[0-4][0-9]|[0-9]',
  W: '5[0-3]|[0-4][0-9]|[0-9]',
  w: '[0-6]',
  y: '[0-9][0-9]',
  Y: '[0-9][0-9][0-9][0-9]',
  z: '[+-][0-9][0-9]:?[0-5][0-9](?::?[0-5][0-9](?:\\.[0-9]{1,6})?)?|Z',
  Z: 'utc|gmt',
  p: 'am|pm',
  A: DAYS.join('|'),
  a: short(DAYS),
  B: MONTHS.join('|'),
  b: short(MONTHS),
  '%': '%',
};
/** What stands for several directives in the C locale. */
const COMPOSED: Readonly<Record<string, string>> = { c: '%a %b %d %H:%M:%S %Y', x: '%m/%d/%y', X: '%H:%M:%S' };
const HOLDS: Readonly<Record<string, keyof DateFormat['groups']>> = {
  Y: 'year',
  y: 'shortYear',
  m: 'month',
  B: 'monthName',
  b: 'monthName',
  d: 'day',
};

/** `rest` is a pattern, without groups, of what may follow. Throws RangeError on a directive that `strptime` does not know. */
export function toDateFormat(source: string, rest = ''): DateFormat {
  const plain = source.replaceAll(/%([cxX])/g, (_, letter: string) => COMPOSED[letter] ?? '');
  const groups: Record<string, number> = {};
  let pattern = '(?i)^';
  let count = 0;
  for (const [piece, letter] of plain.matchAll(/%(.?)|\s+|[^%\s]/gsu)) {
    if (letter === undefined) pattern += /^\s/.test(piece) ? '\\s+' : piece.replace(/[\^$\\.*+?()[\]{}|/]/, '\\$&');
    else {
      const expression = Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter] : undefined;
      if (expression === undefined)
        throw new RangeError(`"%${letter}" in the format ${JSON.stringify(source)} is no directive of strptime`);
      pattern += `(${expression})`;
      count += 1;
      const part = HOLDS[letter];
      if (part !== undefined) groups[part] ??= count;
    }
  }
  return { source, pattern: toPattern(`${pattern}${rest}\\Z`), groups };
}

/** Whether a text is in the format and names a day that there is; a date without a year is of 1900, as in Python. */
export function toDateTest(format: DateFormat): (text: string) => boolean {
  const expression = new RegExp(format.pattern.script, 'iu');
  const { year, shortYear, month, monthName, day } = format.groups;
  return (text) => {
    const found = expression.exec(text);
    if (found === null) return false;
    const number = (group: number): number => Number(found[group]);
    const years = year !== undefined ? number(year) : shortYear !== undefined ? toFullYear(number(shortYear)) : 1900;
    if (years < 1) return false;
    const months = month !== undefined ? number(month) : monthName !== undefined ? toMonth(found[monthName] ?? '') : 1;
    return day === undefined || number(day) <= daysOf(years, months);
  };
}

/** POSIX: 69–99 are of the last century. */
function toFullYear(year: number): number {
  return year + (year >= 69 ? 1900 : 2000);
}

function toMonth(name: string): number {
  return MONTHS.findIndex((month) => month.startsWith(name.slice(0, 3).toLowerCase())) + 1;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

// Of a time after a date: to the minute, the second or a part of it, of 24 hours or of 12, in a zone or none.
const CLOCK = '(?:2[0-3]|[0-1]?[0-9])(?::[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?)?(?: ?(?:am|pm))?';
const ZONE = '(?: ?(?:z|utc|gmt|[+-][0-9]{2}(?::?[0-9]{2})?))?';
const DATES: readonly string[] = [
  [
    '%Y-%m-%d',
    '%Y/%m/%d',
    '%Y.%m.%d',
    '%Y%m%d',
    '%m/%d/%Y',
    '%d/%m/%Y',
    '%m-%d-%Y',
    '%d-%m-%Y',
    '%m.%d.%Y',
    '%d.%m.%Y',
    '%m/%d/%y',
    '%d/%m/%y',
  ],
  ['%b %d, %Y', '%b %d %Y', '%B %d, %Y', '%B %d %Y', '%d %b %Y', '%d %B %Y', '%d-%b-%Y', '%d-%b-%y', '%d %b, %Y', '%d %B, %Y'],
  ['%a, %d %b %Y', '%a %d %b %Y', '%a %b %d %Y', '%a, %b %d, %Y', '%A, %B %d, %Y', '%A, %d %B %Y'],
].flat();

/**
 * What dateutil's parser takes: ISO 8601 and the usual ways to write a date in English, a time after it, a zone after that. Its guesses at fragments ("10", "a b 3") are
 * left out on purpose: a column of such is no column of dates.
 */
export function parseableDates(): readonly DateFormat[] {
  return [
    ...DATES.map((date) => toDateFormat(date, `(?:[t ] ?${CLOCK}${ZONE})?`)),
    ...['%Y-%m', '%b %Y', '%B %Y', '%a %b %d %H:%M:%S %Y', '%a %b %d %H:%M:%S %Z %Y', '%Y%m%d%H%M%S', '%Y%m%d%H%M'].map((date) =>
      toDateFormat(date),
    ),
    toDateFormat('%H:%M', `(?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?: ?(?:am|pm))?${ZONE}`),
  ];
}
