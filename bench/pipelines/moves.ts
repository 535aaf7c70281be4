/** What the pipeline engine costs by itself: state moves a second, the same with years of history stored, and the memory of a wide fan-out. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Figure } from '../figure.ts';
import { addHistory, openStand } from './engine.ts';
import type { Stand } from './engine.ts';

const HISTORY = 3_000_000;
const ELEMENTS = 10_000;
const ROUND = 500;
const ROUNDS = 8;
/** waiting or made → ready, ready → running, running → succeeded. */
const MOVES_A_TASK = 3;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Milliseconds that each of the next tasks took. */
async function round(stand: Stand): Promise<number> {
  const began = performance.now();
  for (let task = 0; task < ROUND; task += 1) if (!(await stand.step())) throw new Error('no task was ready');
  return (performance.now() - began) / ROUND;
}

export async function measureEngine(): Promise<Readonly<Record<string, Figure>>> {
  const [young, old] = [await openStand(), await openStand()];
  addHistory(old.path, HISTORY);
  const times: { readonly young: number[]; readonly old: number[] } = { young: [], old: [] };
  for (const stand of [young, old]) {
    await stand.fanOut((ROUNDS + 1) * ROUND);
    await round(stand);
  }
  // In turns, so that what else the machine does falls on both.
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    times.young.push(await round(young));
    times.old.push(await round(old));
  }
  await young.close();
  await old.close();
  const wide = join(import.meta.dirname, 'wide.ts');
  const fanOutMb = Number(execFileSync(process.execPath, [wide, String(ELEMENTS)], { encoding: 'utf8' }));
  const perSecond = (1000 / median(times.young)) * MOVES_A_TASK;
  const slowdown = median(times.old) / median(times.young);
  return {
    transitions_per_s: { value: perSecond, unit: 'moves/s', goal: '≥ 1000', met: perSecond >= 1000 },
    history_slowdown: { value: slowdown, unit: '×', goal: '≤ 1.2', met: slowdown <= 1.2 },
    fanout_mb: { value: fanOutMb, unit: 'MB', goal: '< 500', met: fanOutMb < 500 },
  };
}
