import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fault } from '@pawl/core';
import { parseDocument } from 'yaml';
import { toProblem } from '../schema/problem.ts';
import { projectSchemas, rootFile } from './schema.ts';

/** A project's files as they are written, by noun; the server parses them by the same schemas. */
export interface ProjectFiles {
  readonly name: string;
  readonly root: string;
  readonly parts: { readonly [Noun in keyof typeof projectSchemas]: readonly unknown[] };
}

const MAX_FILE_BYTES = 1024 * 1024;

/** Reads `pawl.yaml` and the files it names, checks each against its schema, and names file and place of what is wrong. Throws `file_unreadable`, `invalid_file`. */
export async function loadProject(path: string): Promise<ProjectFiles> {
  const file = resolve(path);
  const root = dirname(file);
  const parsed = rootFile.safeParse(await readYaml(file, root));
  if (!parsed.success) throw fault('invalid_file', { file: relative(root, file), problem: toProblem(parsed.error) });
  const parts = {} as Record<keyof typeof projectSchemas, unknown[]>;
  for (const noun of Object.keys(projectSchemas) as (keyof typeof projectSchemas)[]) {
    parts[noun] = [];
    for (const place of parsed.data[noun]) {
      for (const part of await filesOf(join(root, place))) {
        const content = await readYaml(part, root);
        const checked = projectSchemas[noun].safeParse(content);
        if (!checked.success) throw fault('invalid_file', { file: relative(root, part), problem: toProblem(checked.error) });
        parts[noun].push(content);
      }
    }
  }
  return { name: parsed.data.name, root, parts };
}

async function filesOf(place: string): Promise<readonly string[]> {
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) return [];
  if (found.isFile()) return [place];
  const names = await readdir(place);
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => join(place, name));
}

async function readYaml(file: string, root: string): Promise<unknown> {
  const name = relative(root, file);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw fault(
      'file_unreadable',
      { path: file, reason: error.code === 'ENOENT' ? 'it does not exist' : (error.code ?? 'it cannot be read') },
      error,
    );
  });
  if (text.length > MAX_FILE_BYTES) throw fault('too_large', { what: name, limit: MAX_FILE_BYTES });
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined)
    throw fault('invalid_file', {
      file: `${name}${error.linePos === undefined ? '' : `:${error.linePos[0].line}`}`,
      problem: (error.message.split('\n')[0] ?? 'not YAML').replace(/:$/, '.'),
    });
  return document.toJS({ maxAliasCount: 100 }) as unknown;
}
