import type { DateFormat } from '@pawl/core';
import { toText } from '../sql.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Whether a text is in a format and names a day that there is: in SQL what core's `toDateTest` says of one text. */
export function toDateCondition(text: string, { pattern, groups }: DateFormat): string {
  const group = (index: number): string => `regexp_extract(${text}, ${toText(pattern.re2)}, ${index})`;
  const number = (index: number): string => `TRY_CAST(trim(${group(index)}) AS INTEGER)`;
  const matches = `regexp_matches(${text}, ${toText(pattern.re2)})`;
  const short =
    groups.shortYear === undefined
      ? '1900'
      : `(${number(groups.shortYear)} + CASE WHEN ${number(groups.shortYear)} >= 69 THEN 1900 ELSE 2000 END)`;
  const year = groups.year === undefined ? short : number(groups.year);
  const conditions = [matches, ...(groups.year === undefined ? [] : [`${year} >= 1`])];
  if (groups.day !== undefined) {
    const named =
      groups.monthName === undefined
        ? '1'
        : `CASE lower(${group(groups.monthName)}[1:3]) ${MONTHS.map((name, at) => `WHEN '${name}' THEN ${at + 1}`).join(' ')} END`;
    const month = groups.month === undefined ? named : number(groups.month);
    const leap = `(${year} % 4 = 0 AND (${year} % 100 <> 0 OR ${year} % 400 = 0))`;
    const days = `CASE ${month} WHEN 2 THEN CASE WHEN ${leap} THEN 29 ELSE 28 END WHEN 4 THEN 30 WHEN 6 THEN 30 WHEN 9 THEN 30 WHEN 11 THEN 30 ELSE 31 END`;
    conditions.push(`${number(groups.day)} <= ${days}`);
  }
  return `(${conditions.join(' AND ')})`;
}
