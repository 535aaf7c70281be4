import { fault } from '../fault/fault.ts';

export interface StepMetric {
  readonly name: string;
  readonly value: number;
  readonly step: number;
}

const LIMIT = 10_000;

/**
 * Reads a metrics output: `{"name": number}` or `[{"name", "value", "step"}]` (step 0 when absent). Throws `output_invalid` saying which entry is wrong.
 */
export function fromMetricsText(step: string, output: string, text: string): readonly StepMetric[] {
  const refuse = (problem: string): Error => fault('output_invalid', { step, output, problem });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw refuse(`it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (typeof parsed !== 'object' || parsed === null) throw refuse('it must be {"name": number} or [{"name", "value", "step"}]');
  const entries: readonly unknown[] = Array.isArray(parsed) ? parsed : Object.entries(parsed).map(([name, value]) => ({ name, value }));
  if (entries.length > LIMIT) throw refuse(`it holds ${entries.length} values, more than ${LIMIT}`);
  return entries.map((entry, index) => {
    if (typeof entry !== 'object' || entry === null) throw refuse(`entry ${index + 1} is not an object`);
    const { name, value, step: at = 0 } = entry as Readonly<Record<string, unknown>>;
    if (typeof name !== 'string' || name === '') throw refuse(`entry ${index + 1} has no name`);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse(`"${name}" is not a finite number`);
    if (typeof at !== 'number' || !Number.isSafeInteger(at)) throw refuse(`the step of "${name}" is not a whole number`);
    return { name, value, step: at };
  });
}
