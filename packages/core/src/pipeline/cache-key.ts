import { toCanonicalJson } from '../ports/json.ts';
import type { JsonValue } from '../ports/json.ts';
import type { Digest } from '../ports/digest.ts';
import type { PipelineStep } from './types.ts';

/** Changes when the meaning of a key changes: old results are then not found any more. */
const SCHEMA = 2;

/** Content of one input: of a single file its bytes, of a folder its paths and bytes. No name, place or producer. */
export interface InputContent {
  readonly type: 'file' | 'folder';
  readonly digest: Digest;
}

/** Everything that decides what a step writes. Two tasks with equal parts have equal results. */
export interface CacheKeyParts {
  readonly schema: number;
  readonly command: string;
  /** A digest for each code file, sorted, of where it lies and what it says: two files that change places are other code. */
  readonly code: readonly Digest[];
  readonly environment: Readonly<Record<string, string>>;
  /** Resolved values, of the parameters that the step names only. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, InputContent>>;
  /** Of an element of a fan-out, what it is for; not its place in the list. */
  readonly item?: JsonValue;
  /** Names of secrets by variable: their values are in no key. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, { readonly type: string; readonly dataset: string | null; readonly name: string }>>;
}

/** Retries, timeout, run id, the step's name and the order of steps stay out: they do not change what is written. */
export function toCacheKeyParts(
  step: PipelineStep,
  known: {
    readonly code: readonly Digest[];
    readonly environment: Readonly<Record<string, string>>;
    readonly params: Readonly<Record<string, string>>;
    readonly inputs: Readonly<Record<string, InputContent>>;
    readonly item?: JsonValue;
  },
): CacheKeyParts {
  const parameters: Record<string, string> = {};
  for (const name of step.params) {
    const value = known.params[name];
    if (value !== undefined) parameters[name] = value;
  }
  const outputs = Object.fromEntries(
    Object.entries(step.outputs).map(([port, { type, dataset, name }]) => [port, { type, dataset, name }]),
  );
  return {
    schema: SCHEMA,
    command: step.uses ?? step.run,
    code: known.code.toSorted(),
    environment: known.environment,
    parameters,
    inputs: known.inputs,
    ...(known.item === undefined ? {} : { item: known.item }),
    ...(step.secrets === undefined ? {} : { secrets: step.secrets }),
    outputs,
  };
}

/** The text whose SHA-256 is the key. */
export function toCacheKeyText(parts: CacheKeyParts): string {
  return toCanonicalJson(parts);
}

/** What differs between two keys, as phrases such as `input "mail"`; empty when nothing does. */
export function compareKeys(before: CacheKeyParts, after: CacheKeyParts): readonly string[] {
  const changes: string[] = [];
  if (before.schema !== after.schema) changes.push('the form of the key');
  if (before.command !== after.command) changes.push('the command');
  if (toCanonicalJson(before.code) !== toCanonicalJson(after.code)) changes.push('the code');
  changes.push(...compareMembers('environment', before.environment, after.environment));
  changes.push(...compareMembers('parameter', before.parameters, after.parameters));
  changes.push(...compareMembers('input', before.inputs, after.inputs));
  if (toCanonicalJson(before.item ?? null) !== toCanonicalJson(after.item ?? null)) changes.push('the element');
  changes.push(...compareMembers('secret', before.secrets ?? {}, after.secrets ?? {}));
  changes.push(...compareMembers('output', before.outputs, after.outputs));
  return changes;
}

function compareMembers(
  what: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names
    .filter((name) => toCanonicalJson(before[name] ?? null) !== toCanonicalJson(after[name] ?? null))
    .map((name) => `${what} "${name}"`);
}
