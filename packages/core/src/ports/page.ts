/** Keyset pagination: `after` is the opaque cursor of the last row seen. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: string;
}

export interface Page<Row> {
  readonly items: readonly Row[];
  /** Absent on the last page. */
  readonly next?: string;
}
