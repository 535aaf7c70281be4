import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fault } from '@pawl/core';
import type { StepPython } from '@pawl/core';
import { parse } from 'yaml';
import { toReadFault } from '../fs/reason.ts';

export interface WantedPython {
  /** As pip reads it, without comments and includes. */
  readonly requirements: string;
  /** Such as `3.11`; null: any. */
  readonly version: string | null;
}

const refuse = (problem: string): Error => fault('environment_invalid', { problem });
const MOST_FILES = 20;

/** What a step asks for, read from the files that it names. Throws `environment_invalid`, `file_unreadable`. */
export async function readWanted(wanted: StepPython, root: string): Promise<WantedPython> {
  const version = wanted.version ?? null;
  if (wanted.conda !== undefined) {
    const found = fromConda(wanted.conda, await readText(root, wanted.conda));
    const requirements = await expand(found.lines, wanted.conda, root, 0);
    return { requirements: requirements.join('\n'), version: version ?? found.version };
  }
  const { file } = wanted;
  if (file !== undefined && /(?:^|\/)(?:uv|poetry|pdm)\.lock$|(?:^|\/)(?:Pipfile\.lock|pyproject\.toml)$/.test(file))
    throw refuse(
      `pip does not read ${file}. Export it as requirements (uv export --format requirements-txt, poetry export) and name that file.`,
    );
  const lines = file === undefined ? (wanted.requirements ?? []) : toLines(await readText(root, file));
  return { requirements: (await expand(lines, file ?? 'requirements', root, 0)).join('\n'), version };
}

/** A conda environment or a `python_env.yaml`. Its pip part is taken; what only conda can install is refused by name. */
function fromConda(name: string, text: string): { readonly lines: readonly string[]; readonly version: string | null } {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw refuse(`${name} is no YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`);
  }
  const { dependencies, build_dependencies: build, python } = (document ?? {}) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(dependencies)) throw refuse(`${name} has no list "dependencies".`);
  const lines: string[] = [];
  const others: string[] = [];
  let version = python === undefined ? null : toVersion(`${python as string | number}`);
  for (const one of dependencies as readonly unknown[]) {
    if (typeof one === 'object' && one !== null && 'pip' in one && Array.isArray(one.pip)) lines.push(...one.pip.map(String));
    else if (typeof one !== 'string') others.push(JSON.stringify(one));
    // A python_env.yaml has requirements of pip in the place of conda's packages.
    else if (python !== undefined || build !== undefined) lines.push(one);
    else if (/^python(?:\s*[=<>!~]|$)/.test(one)) version = toVersion(one) ?? version;
    else if (!/^(?:[\w-]+::)?(?:pip|setuptools|wheel)(?:\s*[=<>!~].*)?$/.test(one)) others.push(one);
  }
  if (others.length > 0)
    throw refuse(`${name} wants packages of conda, which is not used here: ${others.join(', ')}. Name them under "pip:".`);
  return { lines, version };
}

/** `python=3.10.4` → `3.10.4`; of a range (`>=3.9`) nothing. */
function toVersion(text: string): string | null {
  return /^(?:python)?\s*(?:==?)?\s*(\d+\.\d+(?:\.\d+)?)(?:\.\*)?$/.exec(text.trim())?.[1] ?? null;
}

function toLines(text: string): readonly string[] {
  // A line that ends with a backslash goes on in the next.
  return text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
}

/** Lines with their includes in place and without comments, so that what is equal has one digest. */
async function expand(lines: readonly string[], name: string, root: string, depth: number): Promise<readonly string[]> {
  if (depth > MOST_FILES) throw refuse(`${name} includes itself.`);
  const expanded: string[] = [];
  for (const raw of lines) {
    const line = raw
      .replace(/(?:^|\s)#.*$/, '')
      .replace(/\s+/g, ' ')
      .trim();
    const include = /^(?:-r|--requirement)[ =]?(.+)$/.exec(line)?.[1];
    if (line === '') continue;
    if (include !== undefined) {
      const path = join(dirname(name), include.trim());
      expanded.push(...(await expand(toLines(await readText(root, path)), path, root, depth + 1)));
      continue;
    }
    if (/^(?:-c|--constraint)\b/.test(line)) throw refuse(`${name} has "${line}": write the constraints among the requirements.`);
    if (/^(?:-e|--editable)\b|^\.{0,2}\/|^\.$|\bfile:/.test(line))
      throw refuse(`${name} has "${line}": a folder can change unseen. Name the step's own files under "code", and only packages here.`);
    expanded.push(line);
  }
  return expanded;
}

async function readText(root: string, name: string): Promise<string> {
  const path = join(root, name);
  if (relative(root, path).startsWith('..')) throw refuse(`${name} lies outside of the project.`);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw toReadFault(name, error);
  }
}
