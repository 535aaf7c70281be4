/** A repository of DVC as it lies on a disk: its outputs, and the cache that holds their content. */
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join, posix, relative, resolve, sep } from 'node:path';
import { parseDocument } from 'yaml';
import { failure, unreadable } from './fail.ts';

/** An output that a `.dvc` file or `dvc.lock` names. */
export interface DvcOut {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  /** 32 hex digits, with `.dir` for a directory. */
  readonly md5: string;
  readonly legacy: boolean;
  /** The file that names it, relative to the repository. */
  readonly source: string;
}

export interface DvcRepository {
  readonly root: string;
  readonly cache: string;
}

const SKIPPED = new Set(['.git', '.dvc', 'node_modules', '.venv', '__pycache__']);
const LARGEST_FILE = 64 * 1024 * 1024;

/** Throws `file_unreadable` for what is no repository of DVC. */
export async function openDvcRepository(path: string): Promise<DvcRepository> {
  const root = resolve(path);
  if (!existsSync(join(root, '.dvc')))
    throw await failure('file_unreadable', { path, reason: 'it is no repository of DVC: it has no folder .dvc ("dvc init" makes one)' });
  // `dir = …` of [cache]; relative to .dvc.
  const config = await Promise.all(['config', 'config.local'].map((name) => readFile(join(root, '.dvc', name), 'utf8').catch(() => '')));
  let section = '';
  let folder = 'cache';
  for (const line of config.join('\n').split('\n')) {
    section = /^\s*\[(.+)\]\s*$/.exec(line)?.[1]?.trim() ?? section;
    const value = /^\s*dir\s*=\s*(.+?)\s*$/.exec(line)?.[1];
    if (section === 'cache' && value !== undefined) folder = value;
  }
  return { root, cache: resolve(root, '.dvc', folder) };
}

/** Where an object lies in a cache, whether it is there or not. */
export function objectPath({ cache }: DvcRepository, md5: string, legacy: boolean): string {
  return join(cache, ...(legacy ? [] : ['files', 'md5']), md5.slice(0, 2), md5.slice(2));
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All scalars as text: a hash of digits only would be read as a number otherwise, and lose its last ones. */
async function readYaml(path: string, shown: string): Promise<Fields> {
  const text = await readFile(path, 'utf8').catch(async (error: unknown) => Promise.reject(await unreadable(path, error)));
  if (text.length > LARGEST_FILE) throw await failure('file_unreadable', { path: shown, reason: 'it is larger than 64 MiB' });
  const document = parseDocument(text, { schema: 'failsafe', maxAliasCount: 100 } as never);
  const [problem] = document.errors;
  if (problem !== undefined)
    throw await failure('file_unreadable', { path: shown, reason: `it is not YAML (${problem.message.split('\n', 1)[0]})` });
  const value = document.toJS() as unknown;
  return isFields(value) ? value : {};
}

function toOuts(list: unknown, folder: string, source: string): readonly DvcOut[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    if (!isFields(item)) return [];
    const { md5, path, hash } = item;
    if (typeof md5 !== 'string' || typeof path !== 'string' || !/^[0-9a-f]{32}(\.dir)?$/.test(md5)) return [];
    return [{ path: posix.normalize(posix.join(folder, path)), md5, legacy: hash !== 'md5', source }];
  });
}

async function* dvcFiles(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* dvcFiles(join(folder, entry.name));
    else if (entry.isFile() && (entry.name.endsWith('.dvc') || entry.name === 'dvc.lock')) yield join(folder, entry.name);
  }
}

/** Every output that the repository tracks with a hash, by path. Throws `file_unreadable`. */
export async function findOuts({ root }: DvcRepository): Promise<readonly DvcOut[]> {
  const outs: DvcOut[] = [];
  for await (const file of dvcFiles(root)) {
    const source = relative(root, file).split(sep).join('/');
    const folder = posix.dirname(source);
    const content = await readYaml(file, source);
    if (basename(file) === 'dvc.lock') {
      const stages = isFields(content['stages']) ? Object.values(content['stages']) : [];
      for (const stage of stages) if (isFields(stage)) outs.push(...toOuts(stage['outs'], folder, source));
    } else {
      const wdir = typeof content['wdir'] === 'string' ? posix.join(folder, content['wdir']) : folder;
      outs.push(...toOuts(content['outs'], wdir, source));
    }
  }
  return outs.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A name for the dataset of an output: its path in the words that names may have. */
export function toDatasetName(path: string): string {
  const name = path
    .replace(/\.[a-z0-9]{1,8}$/i, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 100);
  return name === '' ? 'data' : name;
}

/** A hash as YAML 1.2 reads it back: digits alone, or with an e, would be a number. */
const quoteHash = (md5: string): string => (/^[0-9]+(e[0-9]+)?$/.test(md5) ? `'${md5}'` : md5);

/** What DVC itself writes for an output beside it. */
export function toDvcFile(out: {
  readonly md5: string;
  readonly size: number;
  readonly files: number | null;
  readonly path: string;
}): string {
  const lines = [`- md5: ${quoteHash(out.md5)}`, `  size: ${out.size}`];
  if (out.files !== null) lines.push(`  nfiles: ${out.files}`);
  return `outs:\n${[...lines, '  hash: md5', `  path: ${JSON.stringify(out.path)}`].join('\n')}\n`;
}
