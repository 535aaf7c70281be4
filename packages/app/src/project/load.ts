import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fault, fromGreatExpectations, isGreatExpectationsSuite } from '@pawl/core';
import type { CheckSuite, JsonObject, JsonValue } from '@pawl/core';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { toProblem } from '../schema/problem.ts';
import { checkFile } from './check-file.ts';
import { projectSchemas, rootFile } from './schema.ts';

/** A project's files as they are written, by noun; the server parses them by the same schemas. */
export interface ProjectFiles {
  readonly name: string;
  readonly root: string;
  readonly parts: { readonly [Noun in keyof typeof projectSchemas]: readonly unknown[] };
}

const MAX_FILE_BYTES = 1024 * 1024;

/** Reads `pawl.yaml` and the files it names, checks each against its schema, and names file, line and place of what is wrong. Throws `file_unreadable`, `invalid_file`. */
export async function loadProject(path: string): Promise<ProjectFiles> {
  const file = resolve(path);
  const root = dirname(file);
  const { name, ...places } = (await readFileAs(rootFile, file, root)).parsed;
  const parts = {} as Record<keyof typeof projectSchemas, unknown[]>;
  for (const noun of Object.keys(projectSchemas) as (keyof typeof projectSchemas)[]) {
    parts[noun] = [];
    for (const place of places[noun]) {
      for (const part of await filesOf(join(root, place), noun === 'checks' ? /\.(ya?ml|json)$/ : /\.ya?ml$/)) {
        const { content } = noun === 'checks' ? await readSuite(part, root) : await readFileAs(projectSchemas[noun], part, root);
        parts[noun].push(content);
      }
    }
  }
  return { name, root, parts };
}

/**
 * Reads one suite of checks: a file of ours, or Great Expectations' own JSON, whose parameters take the values given. Throws `file_unreadable`, `invalid_file`, `suite_invalid`,
 * each naming the file and the line.
 */
export async function loadSuite(path: string, parameters: JsonObject = {}): Promise<CheckSuite> {
  const file = resolve(path);
  return (await readSuite(file, process.cwd(), parameters)).parsed;
}

function readSuite(file: string, root: string, parameters: JsonObject = {}): Promise<Read<typeof checkFile>> {
  return readFileAs(checkFile, file, root, (content) =>
    isGreatExpectationsSuite(content) ? fromGreatExpectations(content as JsonValue, nameOf(file, root), parameters) : content,
  );
}

interface Read<Schema extends z.ZodType> {
  /** As it is written. */
  readonly content: unknown;
  readonly parsed: z.output<Schema>;
}

async function readFileAs<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
  root: string,
  convert: (content: unknown) => unknown = (content) => content,
): Promise<Read<Schema>> {
  const { document, lines } = await readYaml(file, root);
  const content = convert(document.toJS({ maxAliasCount: 100 }) as unknown);
  const checked = schema.safeParse(content);
  if (checked.success) return { content, parsed: checked.data };
  const line = lineOf(document, lines, checked.error.issues[0]?.path ?? []);
  throw fault('invalid_file', { file: `${nameOf(file, root)}${line === undefined ? '' : `:${line}`}`, problem: toProblem(checked.error) });
}

/** The line of the innermost part of a path that the file holds; what a file lacks is missed on the line of what should hold it. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range !== undefined && node.range !== null) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function nameOf(file: string, root: string): string {
  const name = relative(root, file);
  return name.startsWith('..') ? basename(file) : name;
}

async function filesOf(place: string, wanted: RegExp): Promise<readonly string[]> {
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) return [];
  if (found.isFile()) return [place];
  const names = await readdir(place);
  return names
    .filter((name) => wanted.test(name))
    .toSorted()
    .map((name) => join(place, name));
}

async function readYaml(file: string, root: string): Promise<{ readonly document: Document; readonly lines: LineCounter }> {
  const name = nameOf(file, root);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw fault(
      'file_unreadable',
      { path: file, reason: error.code === 'ENOENT' ? 'it does not exist' : (error.code ?? 'it cannot be read') },
      error,
    );
  });
  if (text.length > MAX_FILE_BYTES) throw fault('too_large', { what: name, limit: MAX_FILE_BYTES });
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: true, lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined)
    throw fault('invalid_file', {
      file: `${name}${error.linePos === undefined ? '' : `:${error.linePos[0].line}`}`,
      problem: (error.message.split('\n')[0] ?? 'not YAML').replace(/:$/, '.'),
    });
  return { document, lines };
}
