import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tree.ts';

export interface Document {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block: what stands after its opening fence, and its lines. */
export interface Fence {
  readonly info: string;
  readonly body: string;
}

/** Every Markdown file that people wrote. */
export function documents(): readonly Document[] {
  return globSync(['*.md', 'docs/**/*.md', 'examples/*/*.md', 'bench/*.md'], { cwd: root })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const FENCE = /^```(.*)\n([^]*?)^```$/gm;

export function fencesOf(text: string): readonly Fence[] {
  return [...text.matchAll(FENCE)].map(([, info = '', body = '']) => ({ info: info.trim(), body }));
}

/** The text without its fenced blocks. */
function proseOf(text: string): string {
  return text.replaceAll(FENCE, '');
}

/** Inline code of the prose, line breaks as spaces. */
export function codesOf(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll(/\s+/g, ' '));
}

/** Targets of links and pictures. */
export function linksOf(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors of a document's headings, as GitHub names them. */
export function anchorsOf(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Lines of shell that a document shows: its `sh` blocks, and inline code. Comments are dropped. */
export function shellOf(text: string): readonly string[] {
  const blocks = fencesOf(text).filter(({ info }) => info.split(' ')[0] === 'sh');
  return [...blocks.flatMap(({ body }) => body.split('\n')), ...codesOf(text)].map((line) => line.replace(/\s+# .*$/, '').trim());
}

/** The words after `pawl` of a line that calls it; undefined for another line. */
export function pawlWords(line: string): readonly string[] | undefined {
  const [, rest] = /^(?:npx )?pawl (.+)$/.exec(line) ?? [];
  return rest?.match(/"[^"]*"|\S+/g) ?? undefined;
}

/** First cells of the rows of those tables whose first title is one of `titles`: the code in them. */
export function tableKeys(text: string, ...titles: readonly string[]): readonly string[] {
  const tables = [...proseOf(text).matchAll(/^\|([^|]+)\|.*\n\|[-|]+\|\n((?:\|.*\n?)+)/gm)];
  return tables
    .filter(([, title = '']) => titles.includes(title.trim()))
    .flatMap(([, , rows = '']) => rows.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)]))
    .map(([, key = '']) => key);
}
