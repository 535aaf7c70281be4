/**
 * What every step of the pipeline reads from its surroundings: `PAWL_INPUT_<NAME>` and `PAWL_OUTPUT_<NAME>` are paths,
 * `PAWL_PARAM_<NAME>` strings. A step needs nothing else of Pawl, so each runs by hand as well.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A mistake in what the step was given; its message is the one line the step ends with. */
export class StepError extends Error {}

export function inputPath(name: string): string {
  return required(`PAWL_INPUT_${name}`);
}

/** The path to write to; the folder around it exists afterwards. */
export function outputPath(name: string): string {
  const path = required(`PAWL_OUTPUT_${name}`);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

/** A numeric parameter, or `fallback` when it is absent or empty. */
export function numberParameter(name: string, fallback: number, range: readonly [number, number]): number {
  const text = process.env[`PAWL_PARAM_${name}`]?.trim();
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < range[0] || value > range[1]) {
    throw new StepError(`PAWL_PARAM_${name} is '${text}'; give a number from ${range[0]} to ${range[1]}.`);
  }
  return value;
}

export function flagParameter(name: string): boolean {
  const text = process.env[`PAWL_PARAM_${name}`]?.trim() ?? '';
  if (text === '' || text === 'false') return false;
  if (text === 'true') return true;
  throw new StepError(`PAWL_PARAM_${name} is '${text}'; give true or false.`);
}

export interface MetricPoint {
  readonly name: string;
  readonly value: number;
  readonly step: number;
}

/** Writes a metrics output: a plain record, or points with steps. */
export function writeMetrics(path: string, metrics: Readonly<Record<string, number>> | readonly MetricPoint[]): void {
  writeFileSync(path, `${JSON.stringify(metrics, null, 2)}\n`);
}

/** Runs a step: what the caller did wrong ends in one line and exit code 1, anything else keeps its stack. */
export async function runStep(step: () => Promise<void> | void): Promise<void> {
  try {
    await step();
  } catch (error) {
    console.error(error instanceof StepError ? error.message : error);
    process.exitCode = 1;
  }
}

function required(variable: string): string {
  const path = process.env[variable];
  if (path === undefined || path === '') throw new StepError(`${variable} is not set; the pipeline sets it, by hand give it a path.`);
  return path;
}
