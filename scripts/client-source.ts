import { toObject, toType } from './client-types.ts';
import type { Schema, Scope } from './client-types.ts';

/** One operation of the OpenAPI document, as the client is to offer it. */
export interface Operation {
  readonly noun: string;
  readonly verb: string;
  readonly method: string;
  /** Parameters as `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly inPath: readonly string[];
  readonly inQuery: readonly string[];
  /** Members of the body; `whole` when they cannot be laid beside the parameters: then the body is the one member `body`. */
  readonly body: { readonly whole: boolean; readonly required: boolean } | undefined;
  /** All of it in one object. */
  readonly input: Schema;
  readonly response: Schema;
}

interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
}

interface RawOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>>;
}

/** The operations that speak JSON, by noun and verb. */
export function toOperations(document: unknown): readonly Operation[] {
  const { paths = {} } = document as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => toOperation(path, method.toUpperCase(), raw)),
  );
  return operations.toSorted((a, b) => compare(a.noun, b.noun) || compare(a.verb, b.verb));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function toOperation(path: string, method: string, raw: RawOperation): Operation {
  const [noun = '', verb = ''] = raw.operationId.split('.');
  if (!/^[a-z]+$/.test(noun) || !/^[a-z][A-Za-z]*$/.test(toCamel(verb))) throw new Error(`"${raw.operationId}" is not <noun>.<verb>`);
  const parameters = raw.parameters ?? [];
  const body = raw.requestBody?.content['application/json']?.schema;
  const names = new Set(parameters.map((one) => one.name));
  const whole = body !== undefined && (body.properties === undefined || Object.keys(body.properties).some((name) => names.has(name)));
  const laid = body === undefined ? {} : whole ? { body } : body.properties;
  const properties = { ...Object.fromEntries(parameters.map((one) => [one.name, one.schema])), ...laid };
  const required = [...parameters.filter((one) => one.required).map((one) => one.name), ...(whole ? ['body'] : (body?.required ?? []))];
  return {
    noun,
    verb: toCamel(verb),
    method,
    path,
    summary: raw.summary,
    inPath: parameters.filter((one) => one.in === 'path').map((one) => one.name),
    inQuery: parameters.filter((one) => one.in === 'query').map((one) => one.name),
    body: body === undefined ? undefined : { whole, required: required.length > 0 },
    input: { type: 'object', properties, required },
    response: raw.responses['200']?.content?.['application/json']?.schema ?? {},
  };
}

const toCamel = (text: string): string => text.replace(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase());
const toPascal = (text: string): string => toCamel(text).replace(/^[a-z]/, (letter) => letter.toUpperCase());
const HEADER = '// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.\n';

/** The shared schemas of the document, by name. The client has its own class of errors. */
export function toShared(document: unknown): ReadonlyMap<string, Schema> {
  const { schemas = {} } = (document as Document).components ?? {};
  return new Map(Object.entries(schemas).filter(([name, schema]) => name !== 'Error' && !isJson(schema)));
}

/** zod's schema of any JSON value, which holds itself under a name that zod makes up; core has the type. */
function isJson({ anyOf = [] }: Schema): boolean {
  const types = new Set(anyOf.map((one) => one.type));
  return (
    ['string', 'number', 'boolean', 'null', 'array', 'object'].every((type) => types.has(type)) &&
    anyOf.every((one) => one.properties === undefined)
  );
}

const importJson = (text: string): string => (/\bJsonValue\b/.test(text) ? `import type { JsonValue } from '@pawl/core';\n` : '');

/** Types that several operations speak of. */
export function toTypesFile(shared: ReadonlyMap<string, Schema>): string {
  const scope: Scope = { shared: (key) => (shared.has(key) ? toPascal(key) : 'JsonValue'), named: () => undefined, input: false };
  const types = Array.from(shared)
    .toSorted(([a], [b]) => compare(a, b))
    .map(([name, schema]) => declare(toPascal(name), schema, scope));
  const body = types.join('\n\n');
  return `${HEADER}${importJson(body)}\n${body}\n`;
}

function declare(name: string, schema: Schema, scope: Scope): string {
  if (schema.type !== 'object') return `export type ${name} = ${toType(schema, scope)};`;
  const text = toObject(schema, scope);
  return text.endsWith('}') ? `export interface ${name} ${text}` : `export type ${name} = ${text};`;
}

/** One noun: its types, and a function for each operation. */
export function toNounFile(noun: string, operations: readonly Operation[], shared: ReadonlyMap<string, Schema>): string {
  const names = toNames(operations, shared);
  const used = new Set<string>();
  const share = (key: string): string => {
    if (!shared.has(key)) return 'JsonValue';
    used.add(toPascal(key));
    return toPascal(key);
  };
  const answers: Scope = {
    shared: share,
    named: (schema) => (schema.id !== undefined && shared.has(schema.id) ? share(schema.id) : names.get(keyOf(schema))),
    input: false,
  };
  const inputs: Scope = { shared: share, named: () => undefined, input: true };
  const types = new Map<string, string>();
  const add = (name: string | undefined, schema: Schema | undefined, scope: Scope): void => {
    if (name !== undefined && schema !== undefined && !types.has(name)) types.set(name, declare(name, schema, scope));
  };
  const methods: string[] = [];
  for (const operation of operations) {
    const { verb, input, response, summary } = operation;
    const inputName = `${toPascal(noun)}${toPascal(verb)}Input`;
    const takes = Object.keys(input.properties ?? {}).length > 0;
    if (takes) add(inputName, input, inputs);
    const item = response.properties?.['items']?.items;
    add(item === undefined ? undefined : names.get(keyOf(item)), item, answers);
    add(names.get(keyOf(response)), response, answers);
    const optional = (input.required ?? []).length === 0 ? '?' : '';
    const parameter = takes ? `input${optional}: ${inputName}, ` : '';
    methods.push(`/** ${summary} */\n${verb}(${parameter}options?: CallOptions): Promise<${toType(response, answers)}>;`);
  }
  const body = Array.from(types.values()).join('\n\n');
  const client = `${toPascal(noun)}Client`;
  const imported = used.size === 0 ? '' : `import type { ${Array.from(used).toSorted(compare).join(', ')} } from './types.ts';\n`;
  return `${HEADER}${importJson(body)}import type { CallOptions, Send } from '../request.ts';
${imported}
${body}

export interface ${client} {
${methods.join('\n')}
}

export function create${client}(send: Send): ${client} {
  return {
${operations.map((operation) => toFunction(operation)).join('\n')}
  };
}
`;
}

/** Names for the answers that are objects, and for the items of pages: one name a shape within the noun. */
function toNames(operations: readonly Operation[], shared: ReadonlyMap<string, Schema>): ReadonlyMap<string, string> {
  const taken = new Set(Array.from(shared.keys(), toPascal));
  const names = new Map<string, string>();
  const offer = (schema: Schema | undefined, name: string): void => {
    if (schema?.properties === undefined || schema.id !== undefined || Object.keys(schema.properties).length === 0) return;
    if (!names.has(keyOf(schema))) names.set(keyOf(schema), taken.has(name) ? `${name}Answer` : name);
  };
  const readsFirst = operations.toSorted((a, b) => Number(a.method !== 'GET') - Number(b.method !== 'GET'));
  for (const { noun, verb, response } of readsFirst) offer(response, toPascal(noun) + toPascal(verb));
  for (const { noun, verb, response } of readsFirst) offer(response.properties?.['items']?.items, `${toPascal(noun)}${toPascal(verb)}Item`);
  return names;
}

/** Equal for schemas of the same shape, however they are described. */
function keyOf(schema: Schema): string {
  return JSON.stringify(schema, (name, value: unknown) => (name === '$defs' || name === 'description' ? undefined : value)).replaceAll(
    /__schema\d+/g,
    '__schema',
  );
}

function toFunction({ verb, method, path, inPath, inQuery, body }: Operation): string {
  const url = `\`${path.replace(/^\/api\/v1/, '').replaceAll(/\{(\w+)\}/g, (_, name: string) => `\${encodeURIComponent(${name})}`)}\``;
  const apart = body !== undefined && inQuery.length > 0 ? inQuery : [];
  const rest = body === undefined ? (inQuery.length > 0 ? '...query' : '') : body.whole ? 'body' : '...body';
  const taken = [...inPath, ...apart, ...(rest === '' ? [] : [rest])];
  const query = apart.length > 0 ? `query: { ${apart.join(', ')} }, ` : body === undefined && inQuery.length > 0 ? 'query, ' : '';
  const call = `send({ method: '${method}', path: ${url.includes('${') ? url : url.replaceAll('`', "'")}, ${query}${body === undefined ? '' : 'body, '}options })`;
  if (taken.length === 0) return `${verb}: (options) => ${call},`;
  const optional = inPath.length === 0 && body?.required === false ? ' = {}' : '';
  const only = taken.length === 1 && rest.startsWith('...') ? rest.slice(3) : `{ ${taken.join(', ')} }`;
  return `${verb}: (${only}${optional}, options) => ${call},`;
}

/** The whole client: every noun. */
export function toClientFile(nouns: readonly string[]): string {
  return `${HEADER}import type { Send } from '../request.ts';
${nouns.map((noun) => `import { create${toPascal(noun)}Client } from './${noun}.ts';\nimport type { ${toPascal(noun)}Client } from './${noun}.ts';`).join('\n')}

export interface NativeClient {
${nouns.map((noun) => `readonly ${noun}: ${toPascal(noun)}Client;`).join('\n')}
}

export function createNativeClient(send: Send): NativeClient {
  return {
${nouns.map((noun) => `${noun}: create${toPascal(noun)}Client(send),`).join('\n')}
  };
}
`;
}
