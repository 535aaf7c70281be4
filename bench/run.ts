/** `npm run bench -- <name>`: runs one benchmark, prints its table, and as the very last line one JSON object with its figures. */
import { argv, exit, stderr, stdout } from 'node:process';
import type { Benchmark } from './figure.ts';

const benchmarks: Readonly<Record<string, () => Promise<{ readonly default: Benchmark }>>> = {
  startup: () => import('./startup.ts'),
};

const [name] = argv.slice(2);
const load = name === undefined ? undefined : benchmarks[name];
if (name === undefined || load === undefined) {
  stderr.write(`Name a benchmark: npm run bench -- ${Object.keys(benchmarks).join(' | ')}\n`);
  exit(2);
}

const figures = await (await load()).default();
const rows = Object.entries(figures).map(([figure, one]) => [
  figure,
  `${round(one.value)} ${one.unit}`,
  one.goal ?? '',
  one.met === undefined ? '' : one.met ? 'met' : 'MISSED',
]);
const widths = [0, 1, 2, 3].map((column) =>
  Math.max(...rows.map((row) => (row[column] ?? '').length), ['figure', 'value', 'goal', ''][column]?.length ?? 0),
);
for (const row of [['figure', 'value', 'goal', ''], ...rows])
  stdout.write(
    `${row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()}\n`,
  );
stdout.write(`${JSON.stringify({ bench: name, figures })}\n`);

function round(value: number): number {
  return Number(value.toPrecision(4));
}
