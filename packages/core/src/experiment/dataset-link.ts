import type { Column, DatasetRef, DatasetVersion } from '../dataset/types.ts';
import { CONTEXT_TAG } from './name.ts';
import type { LoggedDataset } from './types.ts';

/** MLflow's digests have at most 36 characters. */
const DIGEST_LENGTH = 32;
const SOURCE = 'pawl';

/** A version kept here, as MLflow's clients read the data of a run. */
export function toLoggedDataset(version: DatasetVersion, role: string): LoggedDataset {
  const [table] = version.tables;
  const only = version.tables.length === 1 && table !== undefined ? table : null;
  return {
    name: version.dataset,
    digest: toHex(version.manifest).slice(0, DIGEST_LENGTH),
    sourceType: SOURCE,
    source: JSON.stringify({ uri: `${SOURCE}:${version.dataset}:${version.version}`, manifest: version.manifest }),
    schema: only === null ? null : JSON.stringify({ mlflow_colspec: only.columns.map(toColumnSpec) }),
    profile: JSON.stringify({
      ...(only === null ? {} : { num_rows: only.rows, num_elements: only.rows * only.columns.length }),
      num_files: version.files,
      num_bytes: version.bytes,
    }),
    tags: { [CONTEXT_TAG]: role },
  };
}

/** MLflow's type of each of DuckDB's; for what it has none, text. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^BOOLEAN$/, 'boolean'],
  [/^U?(?:TINYINT|SMALLINT)$|^INTEGER$/, 'integer'],
  [/^U?(?:BIGINT|HUGEINT)$|^UINTEGER$/, 'long'],
  [/^FLOAT$/, 'float'],
  [/^DOUBLE$|^DECIMAL/, 'double'],
  [/^BLOB$/, 'binary'],
  [/^DATE$|^TIMESTAMP/, 'datetime'],
];

function toColumnSpec({ name, type }: Column): object {
  const scalar = (of: string): string => TYPES.find(([pattern]) => pattern.test(of))?.[1] ?? 'string';
  const element = /^([A-Z]+)\[\]$/.exec(type)?.[1];
  if (element !== undefined) return { type: 'array', items: { type: scalar(element) }, name, required: false };
  return { type: scalar(type), name, required: false };
}

const REF = '([A-Za-z0-9][A-Za-z0-9._-]{0,127})';
/** `pawl:mail:3`, as a whole or as the address in a source's JSON. */
const URI = new RegExp(`(?:^|")pawl:(?://)?${REF}[:/]([1-9][0-9]{0,8})(?:$|["?#])`);
/** The address of a version in the native API. */
const ADDRESS = new RegExp(`/api/v1/datasets/${REF}/versions/([1-9][0-9]{0,8})(?:$|[/"?#])`);
const HEX = /^(?:sha256:)?([0-9a-f]{16,64})$/;

/**
 * Which version kept here a dataset that a client logged may be: the one its source names, or the one of its name whose manifest's digest begins like its own. Whether there is such
 * a version is for the store to tell.
 */
export function toVersionHint({
  name,
  digest,
  source,
}: Pick<LoggedDataset, 'name' | 'digest' | 'source'>):
  | { readonly ref: DatasetRef }
  | { readonly dataset: string; readonly hex: string }
  | undefined {
  const named = URI.exec(source) ?? ADDRESS.exec(source);
  if (named?.[1] !== undefined) return { ref: { dataset: named[1], version: Number(named[2]) } };
  const hex = HEX.exec(digest)?.[1];
  return hex === undefined ? undefined : { dataset: name, hex };
}

function toHex(digest: string): string {
  return digest.replace(/^sha256:/, '');
}
