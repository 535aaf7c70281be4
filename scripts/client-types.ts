/** Renders JSON Schemas of the OpenAPI document as TypeScript types, for scripts/generate-client.ts. */
export interface Schema {
  readonly $ref?: string;
  /** Set when the schema is also a shared one. */
  readonly id?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly description?: string;
  readonly pattern?: string;
  readonly format?: string;
}

/** What rendering needs to know beside the schema itself. */
export interface Scope {
  /** The name of a shared type, for `#/components/schemas/<key>`; takes note that it is used. */
  shared(key: string): string;
  /** A type of this file that exists already for this schema. */
  named(schema: Schema): string | undefined;
  /** Optional members take `undefined` too, so that callers pass on what they may not have. */
  readonly input: boolean;
}

export function toType(schema: Schema, scope: Scope): string {
  if (schema.$ref !== undefined) return toReference(schema.$ref, scope);
  const name = scope.named(schema);
  if (name !== undefined) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return join(union, '|', scope);
  if (schema.allOf !== undefined) return join(schema.allOf, '&', scope);
  if (Array.isArray(schema.type)) return schema.type.map((type: string) => toType({ ...schema, type }, scope)).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      if (schema.prefixItems !== undefined) return `readonly [${schema.prefixItems.map((item) => toType(item, scope)).join(', ')}]`;
      return `readonly (${schema.items === undefined ? 'unknown' : toType(schema.items, scope)})[]`;
    case 'object':
      return toObject(schema, scope);
    default:
      return 'unknown';
  }
}

/** `{ readonly a: …; }`, also the body of an interface. */
export function toObject(schema: Schema, scope: Scope): string {
  const rest = schema.additionalProperties;
  const record = typeof rest === 'object' ? `Readonly<Record<string, ${toType(rest, scope)}>>` : 'Readonly<Record<string, unknown>>';
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return rest === false ? 'Readonly<Record<string, never>>' : record;
  const required = new Set(schema.required);
  const lines = members.map(([name, member]) => {
    const type = toType(member, scope);
    const optional = !required.has(name);
    return `${comment(member)}readonly ${toKey(name)}${optional ? '?' : ''}: ${type}${optional && scope.input ? ' | undefined' : ''};`;
  });
  const body = `{\n${lines.join('\n')}\n}`;
  return typeof rest === 'object' ? `${body} & ${record}` : body;
}

/** A pattern's description speaks of the pattern, which a type does not hold. */
function comment(schema: Schema): string {
  const { description, pattern, format } = schema;
  return description === undefined || pattern !== undefined || format !== undefined ? '' : `/** ${description} */\n`;
}

const toKey = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

function join(schemas: readonly Schema[], by: '|' | '&', scope: Scope): string {
  const types = new Set(schemas.map((one) => toType(one, scope)));
  return `(${Array.from(types).join(` ${by} `)})`;
}

const SHARED = '#/components/schemas/';

function toReference(ref: string, scope: Scope): string {
  if (!ref.startsWith(SHARED)) throw new Error(`"${ref}" does not name a shared schema`);
  return scope.shared(ref.slice(SHARED.length));
}
