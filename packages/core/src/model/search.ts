import type { Field, Filter, SearchSpec } from '../search/types.ts';
import { PROMPT_TAG } from './rules.ts';

const tags = { aliases: ['tags'], fields: { kind: 'text', orders: false, nullable: true } } as const;
const ordersOnly: Field = { kind: 'number', filters: false };

/** What may be asked of models. */
export const modelSearch: SearchSpec = {
  attribute: {
    aliases: ['attributes', 'attr'],
    fields: {
      name: { kind: 'text' },
      last_updated_timestamp: ordersOnly,
      timestamp: { ...ordersOnly, as: 'last_updated_timestamp' },
    },
  },
  tag: tags,
};

/** What may be asked of the versions of models. */
export const modelVersionSearch: SearchSpec = {
  attribute: {
    aliases: ['attributes', 'attr'],
    fields: {
      name: { kind: 'text' },
      run_id: { kind: 'text', orders: false },
      source_path: { kind: 'text', orders: false },
      version_number: { kind: 'number' },
      creation_timestamp: ordersOnly,
      last_updated_timestamp: ordersOnly,
    },
  },
  tag: tags,
};

/** Whether a filter asks for prompts: they are models too, and hidden from whoever does not. */
export function asksForPrompts(filter: Filter | undefined): boolean {
  if (filter === undefined) return false;
  if (filter.kind === 'not') return asksForPrompts(filter.part);
  if (filter.kind !== 'compare') return filter.parts.some(asksForPrompts);
  if (filter.entity !== 'tag' || filter.key !== PROMPT_TAG) return false;
  const value = String(filter.value).toLowerCase();
  return (filter.comparator === '=' && value === 'true') || (filter.comparator === '!=' && value === 'false');
}

/**
 * The filter without the clauses that say "no prompts": MLflow's client adds `tag.mlflow.prompt.is_prompt != 'true'` to every search of models, and means those
 * without the tag too, which a clause on a tag does not find. They are hidden anyway, so nothing is lost.
 */
export function withoutPromptClauses(filter: Filter | undefined): Filter | undefined {
  if (filter === undefined || hidesPrompts(filter)) return undefined;
  if (filter.kind !== 'and') return filter;
  const parts = filter.parts.map(withoutPromptClauses).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : { kind: 'and', parts };
}

function hidesPrompts(filter: Filter): boolean {
  if (filter.kind !== 'compare' || filter.entity !== 'tag' || filter.key !== PROMPT_TAG) return false;
  const value = String(filter.value).toLowerCase();
  return (filter.comparator === '!=' && value === 'true') || (filter.comparator === '=' && value === 'false');
}
