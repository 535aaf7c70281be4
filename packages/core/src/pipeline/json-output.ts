import { fault } from '../fault/fault.ts';
import type { JsonValue } from '../ports/json.ts';

/** The longest value, as JSON, that is kept beside a task for expressions. */
export const MAX_VALUE_CHARACTERS = 65_536;

/** Reads a JSON output. Throws `output_invalid`. */
export function fromJsonText(step: string, output: string, text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw fault('output_invalid', { step, output, problem: `it is not JSON (${error instanceof Error ? error.message : String(error)})` });
  }
}
