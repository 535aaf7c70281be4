import { findProblems, suggest } from '@pawl/core';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { z } from 'zod';
import { pipelineFile } from './pipeline-file.ts';

/** Something wrong in a file; line and column from 1. */
export interface FileProblem {
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

type Path = readonly PropertyKey[];

interface Found {
  readonly path: Path;
  readonly problem: string;
  /** The key itself is wrong, not what it holds. */
  readonly isKey?: boolean;
  /** Of a text, the character. */
  readonly at?: number;
}

/** Everything that is wrong with a pipeline's file, in the order of its lines. */
export function validatePipelineText(text: string): readonly FileProblem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  if (document.errors.length > 0)
    return document.errors.map(({ pos, message }) => ({ ...placeAt(lines, pos[0]), problem: message.split('\n')[0] ?? 'it is not YAML' }));
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  return findAll(content)
    .map((found) => ({ ...placeAt(lines, offsetOf(document, text, found)), problem: found.problem }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function findAll(content: unknown): readonly Found[] {
  const parsed = pipelineFile.safeParse(content);
  if (parsed.success) return findProblems(parsed.data.pipeline);
  const problems = parsed.error.issues.flatMap((issue) => toFound(issue));
  // Keys that nobody knows hide nothing else: without them the rest is looked at too.
  const known = problems.every((one) => one.isKey === true || one.path[0] === 'params')
    ? pipelineFile.safeParse(withoutKeys(content, problems))
    : undefined;
  return known?.success === true ? [...problems, ...findProblems(known.data.pipeline)] : problems;
}

function toFound(issue: z.core.$ZodIssue, above: Path = []): readonly Found[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const names = keysAt(path);
    return issue.keys.map((key) => {
      const meant = suggest(key, names);
      return {
        path: [...path, key],
        isKey: true,
        problem: `There is no key "${key}" here; ${meant === undefined ? `there are ${names.join(', ')}` : `did you mean "${meant}"?`}`,
      };
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // Of several forms, the one that what is written comes nearest to: its mistakes lie deepest.
    const depth = (issues: readonly z.core.$ZodIssue[]): number =>
      Math.min(...issues.map((one) => one.path.length + (one.code === 'invalid_type' ? 0 : 1)));
    const [nearest = []] = issue.errors.toSorted((a, b) => depth(b) - depth(a));
    if (depth(nearest) > 0) return nearest.flatMap((one) => toFound(one, path));
  }
  const [last] = path.slice(-1);
  return [{ path, problem: `${typeof last === 'string' ? `${last}: ` : ''}${issue.message}.` }];
}

function withoutKeys(content: unknown, problems: readonly Found[]): unknown {
  const copy = structuredClone(content);
  for (const { path } of problems) {
    let holder: unknown = copy;
    for (const part of path.slice(0, -1)) holder = (holder as Record<PropertyKey, unknown> | undefined)?.[part];
    if (typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, path.at(-1) ?? '');
  }
  return copy;
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** The keys that the file's schema knows at a place. */
function keysAt(path: Path): readonly string[] {
  let schemas: readonly Schema[] = forms(z.toJSONSchema(pipelineFile, { io: 'input', unrepresentable: 'any' }) as Schema);
  for (const part of path) {
    schemas = schemas.flatMap(({ properties, additionalProperties, items }) => {
      const next =
        typeof part === 'number'
          ? items
          : (properties?.[String(part)] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined));
      return next === undefined ? [] : forms(next);
    });
  }
  return [...new Set(schemas.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

function forms(schema: Schema): readonly Schema[] {
  const parts = [...(schema.anyOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...parts.flatMap(forms)];
}

/** Where in the text a problem lies; what the file lacks is missed where it should stand. */
function offsetOf(document: Document, text: string, { path, isKey, at }: Found): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const key = keyNode(document, path.slice(0, length));
    if ((isKey === true || !isNode(node)) && key !== undefined) return startOf(key);
    if (!isNode(node)) continue;
    if (isScalar(node) && at !== undefined) return startOf(node) + at + (/["']/.test(text.charAt(startOf(node))) ? 1 : 0);
    return isScalar(node) || key === undefined ? startOf(node) : startOf(key);
  }
  return isNode(document.contents) ? startOf(document.contents) : 0;
}

function keyNode(document: Document, path: Path): Node | undefined {
  const holder: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(holder)) return undefined;
  const pair = holder.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  return isNode(pair?.key) ? pair.key : undefined;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function placeAt(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
