import { styleText } from 'node:util';

export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'dim';

const STYLES = { plain: [], good: ['green'], bad: ['red'], warn: ['yellow'], dim: ['dim'] } as const;

const paint = (tone: Tone, text: string): string =>
  tone === 'plain' ? text : styleText([...STYLES[tone]], text, { stream: process.stdout, validateStream: true });

/** One line of the timeline: simulated moment, station of the loop, what happened and why. */
export function printLine(time: number, station: string, text: string, tone: Tone = 'plain'): void {
  const moment = new Date(time).toISOString().slice(0, 16).replace('T', ' ');
  process.stdout.write(`${paint('dim', moment)}  ${station.padEnd(10)} ${paint(tone, text)}\n`);
}

/** More on the line above it. */
export function printMore(text: string, tone: Tone = 'dim'): void {
  process.stdout.write(`${' '.repeat(29)}${paint(tone, text)}\n`);
}

export function printChapter(title: string): void {
  process.stdout.write(`\n${styleText('bold', title, { stream: process.stdout, validateStream: true })}\n`);
}

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
