/** A value of a foreign database: text and numbers, whole numbers beyond 2^53 as bigint. */
export type ForeignValue = string | number | bigint | boolean | null;

export type ForeignRow = Readonly<Record<string, ForeignValue>>;

/** Somebody else's database, read and never written. */
export interface ForeignDatabase {
  /** Runs one query with `?` for its parameters. Throws `import_source_invalid` for what the file or the network did. */
  query(sql: string, parameters: readonly (string | number)[]): Promise<readonly ForeignRow[]>;
  /** The columns of each table. */
  tables(): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  close(): Promise<void>;
}
