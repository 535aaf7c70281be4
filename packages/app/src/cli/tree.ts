import { toLine } from './text.ts';

/** A line, and what it rests on. */
export interface Branch {
  readonly text: string;
  readonly under?: readonly Branch[];
}

/** Draws a tree with a line for each branch. */
export function toTree({ text, under = [] }: Branch): string {
  return [toLine(text), ...under.flatMap((branch, index) => toLines(branch, '', index === under.length - 1))].join('\n');
}

function toLines({ text, under = [] }: Branch, indent: string, last: boolean): readonly string[] {
  const below = `${indent}${last ? '   ' : '│  '}`;
  return [
    `${indent}${last ? '└─ ' : '├─ '}${toLine(text)}`,
    ...under.flatMap((branch, index) => toLines(branch, below, index === under.length - 1)),
  ];
}
