import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Sql } from './context.ts';

/** The tags of the model in the row, as one JSON object; by the primary key of their table. */
export function modelTags({ engine }: Sql): RawBuilder<string> {
  return engine === 'sqlite'
    ? sql<string>`(select json_group_object(t.key, t.value) from model_tag t where t.model = model.name)`
    : sql<string>`coalesce((select json_object_agg(t.key, t.value)::text from model_tag t where t.model = model.name), '{}')`;
}

export function versionTags({ engine }: Sql): RawBuilder<string> {
  return engine === 'sqlite'
    ? sql<string>`(select json_group_object(t.key, t.value) from model_version_tag t
        where t.model = model_version.model and t.version = model_version.version)`
    : sql<string>`coalesce((select json_object_agg(t.key, t.value)::text from model_version_tag t
        where t.model = model_version.model and t.version = model_version.version), '{}')`;
}

type Tags = Readonly<Record<string, string>>;

/** Makes the tags of a model exactly those given; what is there already is not written again. */
export async function putModelTags({ db }: Sql, model: string, tags: Tags): Promise<void> {
  const stored = await db.selectFrom('model_tag').select(['key', 'value']).where('model', '=', model).execute();
  const { gone, changed } = compare(stored, tags);
  if (gone.length > 0) await db.deleteFrom('model_tag').where('model', '=', model).where('key', 'in', gone).execute();
  if (changed.length === 0) return;
  await db
    .insertInto('model_tag')
    .values(changed.map((tag) => ({ model, ...tag })))
    .onConflict((conflict) => conflict.columns(['model', 'key']).doUpdateSet({ value: (eb) => eb.ref('excluded.value') }))
    .execute();
}

export async function putVersionTags({ db }: Sql, model: string, version: number, tags: Tags): Promise<void> {
  const of = { model, version };
  const stored = await db
    .selectFrom('model_version_tag')
    .select(['key', 'value'])
    .where('model', '=', model)
    .where('version', '=', version)
    .execute();
  const { gone, changed } = compare(stored, tags);
  if (gone.length > 0) {
    await db.deleteFrom('model_version_tag').where('model', '=', model).where('version', '=', version).where('key', 'in', gone).execute();
  }
  if (changed.length === 0) return;
  await db
    .insertInto('model_version_tag')
    .values(changed.map((tag) => ({ ...of, ...tag })))
    .onConflict((conflict) => conflict.columns(['model', 'version', 'key']).doUpdateSet({ value: (eb) => eb.ref('excluded.value') }))
    .execute();
}

interface Tag {
  readonly key: string;
  readonly value: string;
}

function compare(stored: readonly Tag[], tags: Tags): { readonly gone: readonly string[]; readonly changed: readonly Tag[] } {
  const before = new Map(stored.map(({ key, value }) => [key, value]));
  return {
    gone: stored.map(({ key }) => key).filter((key) => !Object.hasOwn(tags, key)),
    changed: Object.entries(tags)
      .filter(([key, value]) => before.get(key) !== value)
      .map(([key, value]) => ({ key, value })),
  };
}
