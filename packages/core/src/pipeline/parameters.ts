import { fault } from '../fault/fault.ts';
import { toCanonicalJson } from '../ports/json.ts';
import type { JsonValue } from '../ports/json.ts';
import type { Parameter, PipelineSpec } from './types.ts';

/** `toParameterText`, or what is wrong with the value. */
export function readParameter(parameter: Parameter, value: JsonValue): { readonly text: string } | { readonly problem: string } {
  const text = typeof value === 'string' ? value : toCanonicalJson(value);
  const read = canonical(parameter.type, value, text);
  if (read === undefined) return { problem: `${shorten(text)} is not ${WANTED[parameter.type]}` };
  if (parameter.choices?.includes(read) === false) return { problem: `${shorten(read)} is none of ${parameter.choices.join(', ')}` };
  return { text: read };
}

const WANTED = { string: 'a text', int: 'a whole number', float: 'a number', bool: 'true or false', json: 'JSON' } as const;

/**
 * The one text of a value of a parameter: numbers without needless digits, JSON with sorted keys, so that equal values make equal keys.
 * A text that is not of the type is read as one (`"3"` is an int). Throws `parameter_invalid`.
 */
function toParameterText(name: string, parameter: Parameter, value: JsonValue): string {
  const read = readParameter(parameter, value);
  if ('problem' in read) throw fault('parameter_invalid', { parameter: name, problem: read.problem });
  return read.text;
}

/** The value that a parameter's text stands for, as expressions see it. */
export function fromParameterText(parameter: Parameter | undefined, text: string): JsonValue {
  return parameter === undefined || parameter.type === 'string' ? text : (JSON.parse(text) as JsonValue);
}

export function parameterNames(spec: Pick<PipelineSpec, 'params' | 'parameters'>): readonly string[] {
  return [...new Set([...Object.keys(spec.params), ...Object.keys(spec.parameters ?? {})])];
}

/** The values of a run's parameters: those given over the pipeline's own. Throws `parameter_unknown`, `parameter_invalid`, `parameter_missing`. */
export function resolveParameters(spec: PipelineSpec, given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const known = parameterNames(spec);
  const values: Record<string, string> = { ...spec.params };
  for (const [name, text] of Object.entries(given)) {
    if (!known.includes(name)) throw fault('parameter_unknown', { pipeline: spec.name, parameter: name, known });
    const parameter = spec.parameters?.[name];
    values[name] = parameter === undefined ? text : toParameterText(name, parameter, text);
  }
  const missing = known.filter((name) => values[name] === undefined);
  if (missing.length > 0) throw fault('parameter_missing', { pipeline: spec.name, missing });
  return values;
}

/** Undefined when it is not of the type. */
function canonical(type: Parameter['type'], value: JsonValue, text: string): string | undefined {
  switch (type) {
    case 'string':
      return text;
    case 'int':
      return /^[+-]?\d+$/.test(text.trim()) && Number.isSafeInteger(Number(text)) ? String(Number(text)) : undefined;
    case 'float':
      return text.trim() !== '' && typeof value !== 'boolean' && Number.isFinite(Number(text)) ? JSON.stringify(Number(text)) : undefined;
    case 'bool':
      return text === 'true' || text === 'false' ? text : undefined;
    case 'json':
      try {
        return typeof value === 'string' ? toCanonicalJson(JSON.parse(value)) : text;
      } catch {
        return undefined;
      }
    default:
      return type satisfies never;
  }
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
