const QUOTED = /[",\r\n]|^\s|\s$/;

/** One record of a CSV file (RFC 4180), with a line feed; null is an empty field, and an empty text is quoted, so that they differ. */
export function toCsvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(toField).join(',')}\n`;
}

function toField(cell: string | number | null): string {
  if (cell === null) return '';
  const text = String(cell);
  return text === '' || QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
