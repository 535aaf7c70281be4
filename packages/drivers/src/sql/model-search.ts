import { asksForPrompts, PROMPT_TAG, withoutPromptClauses } from '@pawl/core';
import type { Model, ModelVersion, Page, SearchRequest } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SelectQueryBuilder, SqlBool } from 'kysely';
import type { Sql } from './context.ts';
import { toModel, toVersion } from './model-record.ts';
import type { ModelTable, ModelVersionTable, Tagged } from './model-record.ts';
import type { Schema } from './schema.ts';
import { toCondition } from './search/compile.ts';
import type { Places } from './search/compile.ts';
import { fromToken, positionOf, toAfter, toOrderBy, toOrderColumns, toToken } from './search/order.ts';
import type { OrderTerm } from './search/order.ts';

type Query<Table extends keyof Schema, Row> = SelectQueryBuilder<Schema, Table, Row>;

const isPrompt = sql`t.key = ${PROMPT_TAG} and lower(t.value) = 'true'`;

export function searchModels(context: Sql, query: Query<'model', Tagged<ModelTable>>, request: SearchRequest): Promise<Page<Model>> {
  const columns: Readonly<Record<string, OrderTerm>> = {
    name: { value: sql`model.name`, kind: 'text', descending: false },
    last_updated_timestamp: { value: sql`model.updated_at`, kind: 'number', descending: false },
  };
  const places: Places = (entity, key) =>
    entity === 'tag'
      ? { value: sql`t.value`, from: sql`model_tag t where t.model = model.name and t.key = ${key}` }
      : { value: sql`model.name` };
  const noPrompt = sql<SqlBool>`not exists (select 1 from model_tag t where t.model = model.name and ${isPrompt})`;
  return toSearched(context, query, request, { columns, ties: ['name'], places, noPrompt, toItem: toModel });
}

export function searchVersions(
  context: Sql,
  query: Query<'model_version', Tagged<ModelVersionTable>>,
  request: SearchRequest,
): Promise<Page<ModelVersion>> {
  const columns: Readonly<Record<string, OrderTerm>> = {
    name: { value: sql`model_version.model`, kind: 'text', descending: false },
    version_number: { value: sql`model_version.version`, kind: 'number', descending: true },
    creation_timestamp: { value: sql`model_version.created_at`, kind: 'number', descending: false },
    last_updated_timestamp: { value: sql`model_version.updated_at`, kind: 'number', descending: false },
  };
  const attributes: Readonly<Record<string, RawBuilder<unknown>>> = {
    name: sql`model_version.model`,
    version_number: sql`model_version.version`,
    run_id: sql`model_version.run`,
    source_path: sql`model_version.source`,
  };
  const places: Places = (entity, key) =>
    entity === 'tag'
      ? {
          value: sql`t.value`,
          from: sql`model_version_tag t where t.model = model_version.model and t.version = model_version.version and t.key = ${key}`,
        }
      : { value: attributes[key] ?? sql`null`, nullable: key === 'run_id' || key === 'source_path' };
  const noPrompt = sql<SqlBool>`not exists (select 1 from model_tag t where t.model = model_version.model and ${isPrompt}) and not exists (
    select 1 from model_version_tag t where t.model = model_version.model and t.version = model_version.version and ${isPrompt})`;
  const orders = request.orders.length > 0 ? request.orders : [{ entity: 'attribute', key: 'last_updated_timestamp', descending: true }];
  const ties = ['name', 'version_number'];
  return toSearched(context, query, { ...request, orders }, { columns, ties, places, noPrompt, toItem: toVersion });
}

interface Searched<Row, Item> {
  readonly columns: Readonly<Record<string, OrderTerm>>;
  /** Columns that make the order total, each in its own direction unless it was asked for. */
  readonly ties: readonly string[];
  readonly places: Places;
  /** What hides prompts. */
  readonly noPrompt: RawBuilder<SqlBool>;
  readonly toItem: (row: Row) => Item;
}

async function toSearched<Table extends keyof Schema, Row, Item>(
  { engine }: Sql,
  query: Query<Table, Row>,
  { filter, orders, limit, after }: SearchRequest,
  { columns, ties, places, noPrompt, toItem }: Searched<Row, Item>,
): Promise<Page<Item>> {
  const asked = orders.map(({ key, descending }) => ({ ...(columns[key] as OrderTerm), descending }));
  const rest = ties.filter((key) => !orders.some((order) => order.key === key)).map((key) => columns[key] as OrderTerm);
  const terms = [...asked, ...rest];
  const name = [filter ?? null, orders];
  const position = fromToken(name, terms, after);
  let found = query.select(toOrderColumns(terms) as unknown as ReturnType<RawBuilder<unknown>['as']>);
  const wanted = withoutPromptClauses(filter);
  if (wanted !== undefined) found = found.where(toCondition(engine, wanted, places));
  if (!asksForPrompts(filter)) found = found.where(noPrompt);
  if (position !== undefined) found = found.where(toAfter(engine, terms, position));
  const rows = (await found
    .orderBy(toOrderBy(terms))
    .limit(limit + 1)
    .execute()) as (Row & Readonly<Record<string, unknown>>)[];
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(toItem);
  return rows.length > limit && last !== undefined ? { items, next: toToken(name, terms, positionOf(last, terms)) } : { items };
}
