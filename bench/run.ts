/** `npm run bench -- <name>`: runs one benchmark, prints its table, and as the very last line one JSON object with its figures. */
import { argv, exit, stderr, stdout } from 'node:process';
import type { Benchmark } from './figure.ts';

const benchmarks: Readonly<Record<string, () => Promise<{ readonly default: Benchmark }>>> = {
  checks: () => import('./checks.ts'),
  import: () => import('./import.ts'),
  data: () => import('./data.ts'),
  pipelines: () => import('./pipelines.ts'),
  startup: () => import('./startup.ts'),
  tracking: () => import('./tracking.ts'),
  traces: () => import('./traces.ts'),
};

const [name] = argv.slice(2);
const load = name === undefined ? undefined : benchmarks[name];
if (name === undefined || load === undefined) {
  stderr.write(`Name a benchmark: npm run bench -- ${Object.keys(benchmarks).join(' | ')}\n`);
  exit(2);
}

const figures = await (await load()).default();
const heading = ['figure', 'value', 'peer', 'times better', 'goal', ''];
const rows = Object.entries(figures).map(([figure, one]) => [
  figure,
  `${round(one.value)} ${one.unit}`,
  one.peer_value === undefined ? '' : `${round(one.peer_value)} ${one.unit} (${one.peer})`,
  one.ratio === undefined ? '' : String(round(one.ratio)),
  one.goal ?? '',
  one.met === undefined ? '' : one.met ? 'met' : 'MISSED',
]);
const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
for (const row of [heading, ...rows])
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
