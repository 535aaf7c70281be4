import type { JsonObject, JsonValue } from '../ports/json.ts';

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;
const PATH = /^event(\.[A-Za-z0-9_-]+)+$/;

/** A field of an event by its path, as text; undefined when it is not there. Objects and lists come as JSON. */
export function readField(content: JsonObject, path: string): string | undefined {
  let value: JsonValue | undefined = content;
  for (const part of path.split('.')) {
    if (Array.isArray(value)) value = /^\d{1,6}$/.test(part) ? (value as readonly JsonValue[])[Number(part)] : undefined;
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, part)) value = (value as JsonObject)[part];
    else return undefined;
  }
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What is wrong with a template; undefined when nothing is. */
export function templateProblem(template: string): string | undefined {
  for (const [whole, inner] of template.matchAll(PLACEHOLDER))
    if (!PATH.test(inner ?? '')) return `"${whole}" is no field of an event: write {{event.data.NAME}}`;
  return undefined;
}

/** Puts the fields of an event into a template; what the event does not have becomes nothing. */
export function fillTemplate(template: string, content: JsonObject): string {
  return template.replaceAll(PLACEHOLDER, (_, inner: string) => readField(content, inner.slice('event.'.length)) ?? '');
}
