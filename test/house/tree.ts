import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's folder. */
export const root: string = join(import.meta.dirname, '../..');

/** A file that people wrote, with its path from the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const SKIPPED = new Set(['node_modules', '.types', '.git', '.pawl', '.cache', 'dist', 'coverage']);

/** Every TypeScript and JavaScript file of the repository. */
export function sourceFiles(): readonly SourceFile[] {
  return globSync('**/*.{ts,tsx,mts,js,mjs}', { cwd: root, exclude: (name) => SKIPPED.has(name) })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** What a file imports: the specifier, and whether it is loaded at once, later by `import()`, or is only a type. */
export interface Import {
  readonly from: string;
  readonly kind: 'static' | 'dynamic' | 'type';
}

const STATIC = /^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"\n]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g;

/** The imports of a formatted file: a reading of text, exact enough for files that the formatter has written. */
export function importsOf(text: string): readonly Import[] {
  const atOnce = [...text.matchAll(STATIC)].map(([, type, from = '']): Import => ({ from, kind: type === undefined ? 'static' : 'type' }));
  const later = [...text.matchAll(DYNAMIC)].map(([, from = '']): Import => ({ from, kind: 'dynamic' }));
  return [...atOnce, ...later];
}
