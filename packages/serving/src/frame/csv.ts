import { fault } from '@pawl/core';
import type { TableFrame } from './frame.ts';

const invalid = (problem: string) => fault('request_invalid', { problem });

/** What pandas reads as missing (`pandas.read_csv`, `na_values`). */
const MISSING = new Set([
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
]);

/** Fields of each record (RFC 4180: quotes, doubled quotes, line breaks inside quotes). Null is an unquoted field that says missing. */
function* readRecords(text: string): Generator<readonly (string | null)[]> {
  let fields: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    let value: string | null;
    if (text[at] === '"') {
      const parts: string[] = [];
      for (at += 1; ;) {
        const end = text.indexOf('"', at);
        if (end === -1) throw invalid('The CSV ends inside a quoted field.');
        parts.push(text.slice(at, end));
        at = end + 1;
        if (text[at] !== '"') break;
        parts.push('"');
        at += 1;
      }
      value = parts.join('');
      if (at < text.length && !',\r\n'.includes(text[at] as string)) throw invalid('The CSV has text after a quoted field.');
    } else {
      const from = at;
      while (at < text.length && !',\r\n'.includes(text[at] as string)) at += 1;
      const plain = text.slice(from, at);
      value = MISSING.has(plain) ? null : plain;
    }
    fields.push(value);
    if (text[at] === ',') {
      at += 1;
      if (at === text.length || text[at] === '\r' || text[at] === '\n') fields.push(null);
      else continue;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    // A blank line is no record.
    if (fields.length > 1 || fields[0] !== null) yield fields;
    fields = [];
  }
}

/** A table of texts, as `DataFrame.to_csv()` writes it: a line of names, then the rows. Whoever knows the types turns them into numbers. Throws `request_invalid`. */
export function fromCsv(text: string): TableFrame {
  const [header, ...records] = readRecords(text.startsWith('\uFEFF') ? text.slice(1) : text);
  if (header === undefined) throw invalid('The CSV is empty: it needs a line of column names.');
  // pandas' name for a column without one: the index that to_csv() writes unasked.
  const columns = header.map((name, at) => name ?? `Unnamed: ${at}`);
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw invalid(`The CSV names '${twice}' twice.`);
  const odd = records.findIndex((record) => record.length !== columns.length);
  if (odd !== -1) throw invalid(`Row ${odd} of the CSV has ${records[odd]?.length ?? 0} fields for ${columns.length} columns.`);
  return { kind: 'table', columns, cells: columns.map((_, at) => records.map((record) => record[at])), rows: records.length };
}
