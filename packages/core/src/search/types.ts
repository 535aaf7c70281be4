export type Comparator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'LIKE' | 'ILIKE' | 'RLIKE' | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL';

/** One clause. `value` is null for IS NULL and IS NOT NULL, a list for IN and NOT IN. */
export interface Comparison {
  readonly kind: 'compare';
  /** Name of the entity in the spec, whatever alias was written. */
  readonly entity: string;
  /** Canonical key. */
  readonly key: string;
  readonly comparator: Comparator;
  readonly value: string | number | readonly (string | number)[] | null;
}

/** A filter as a tree. A clause on a key that a row does not have is false, so NOT of it is true. */
export type Filter =
  | Comparison
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter };

export interface Order {
  readonly entity: string;
  readonly key: string;
  readonly descending: boolean;
}

export interface Field {
  /** `any` is compared with a number or a text, as it is asked. */
  readonly kind: 'text' | 'number' | 'any';
  /** Whether IS NULL and IS NOT NULL may be asked. */
  readonly nullable?: boolean;
  /** Absent: what the kind allows. */
  readonly comparators?: readonly Comparator[];
  /** Whether rows may be ordered by it; true when absent. */
  readonly orders?: boolean;
  /** Whether it may be filtered by; true when absent. */
  readonly filters?: boolean;
  /** The canonical key, where this one is another spelling. */
  readonly as?: string;
}

export interface Entity {
  /** Other words for it on the left side of a clause. */
  readonly aliases: readonly string[];
  /** A field for each key that there is, or the one field that any key is. */
  readonly fields: Readonly<Record<string, Field>> | Field;
  /** What a key that begins so is, whatever follows. */
  readonly prefixed?: { readonly prefix: string; readonly field: Field };
}

/** What may be asked of one kind of record: entities by name. A bare word is a key of `attribute`. */
export type SearchSpec = Readonly<Record<string, Entity>>;

/** One page of a search. `filter` and `orders` come from `parseFilter` and `parseOrder`. */
export interface SearchRequest {
  readonly filter: Filter | undefined;
  readonly orders: readonly Order[];
  readonly limit: number;
  /** Cursor of the page before, bound to the same filter and orders. */
  readonly after?: string;
}
