import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportProblem } from '@pawl/core';
import type { ValueReader } from './read.ts';

/** Folders directly in a folder, in order; none where there is no such folder. */
export async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

/** Paths of all files below a folder, with forward slashes: a key with slashes is a file in folders. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (prefix: string): Promise<void> => {
    const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  await walk('');
  return found.toSorted();
}

/** A folder of files that are a key and its value each. */
export async function readTexts(
  folder: string,
  place: string,
  values: ValueReader,
  report: ReportProblem,
): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const key of await filesBelow(folder)) {
    try {
      texts[values.text(place, key)] = values.text(`"${key}" of ${place}`, await readFile(join(folder, key), 'utf8'));
    } catch {
      report(`"${key}" of ${place}`, 'its file cannot be read');
    }
  }
  return texts;
}

/** Lines of a file of metrics with their numbers, blank ones left out. */
export async function readLines(path: string): Promise<readonly { readonly number: number; readonly fields: readonly string[] }[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [{ number: at + 1, fields: line.trim().split(' ') }]));
}

/** A number as Python's `float` reads what MLflow wrote; undefined for what is none. */
export function toFloat(text: string): number | undefined {
  const word = text.toLowerCase().replace(/^\+/, '');
  if (word === 'nan' || word === '-nan') return Number.NaN;
  if (word === 'inf' || word === 'infinity') return Infinity;
  if (word === '-inf' || word === '-infinity') return -Infinity;
  return /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(word) ? Number(word) : undefined;
}
