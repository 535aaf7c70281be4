/** An identifier, quoted. */
export function toIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a literal. NUL cannot stand in the text of a statement, so it is put in by code. */
export function toText(value: string): string {
  const parts = value.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(' || chr(0) || ')})`;
}

/** A number as a literal: whole ones exact, so that a comparison with an integer column is exact too; others as DOUBLE. */
export function toNumber(value: number): string {
  return Number.isSafeInteger(value) ? `(${value})` : `CAST('${value}' AS DOUBLE)`;
}
