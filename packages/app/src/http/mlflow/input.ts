import { invalidParameter, missingParameter } from './errors.ts';

export interface Required {
  readonly required: true;
  /** Takes `''`, which otherwise counts as missing: values of parameters and tags. */
  readonly allowEmpty?: true;
}

/** Fields of one request, or of one message inside it, read by MLflow's rules. A field that is null is absent. Each getter throws INVALID_PARAMETER_VALUE in MLflow's words. */
export interface MlflowInput {
  /** Who asks, as `user:<name>`. */
  readonly actor: string;
  /** Name of a field in messages: `value`, or `metrics[0].value` inside a list. */
  path(name: string): string;
  has(name: string): boolean;
  /** As it came. */
  raw(name: string): unknown;
  string(name: string, need: Required): string;
  string(name: string): string | undefined;
  /** Also from a numeric string; refused beyond 2^53 - 1, which no store here can hold exactly. */
  integer(name: string, need: Required): number;
  integer(name: string): number | undefined;
  /** Also from a numeric string and the words NaN, Infinity, -Infinity. */
  number(name: string, need: Required): number;
  number(name: string): number | undefined;
  /** Also from the words true and false in any case. */
  boolean(name: string): boolean | undefined;
  /** An enum by name or by its number in MLflow's protocol. */
  choice<Name extends string>(name: string, numbers: Readonly<Record<Name, number>>, need: Required): Name;
  choice<Name extends string>(name: string, numbers: Readonly<Record<Name, number>>): Name | undefined;
  /** A repeated string; one alone counts as a list of one. */
  strings(name: string): readonly string[];
  /** A repeated message. */
  list(name: string): readonly MlflowInput[];
  message(name: string): MlflowInput | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** `prefix` is put before the names of fields in messages. */
export function createInput(fields: Fields, actor: string, prefix = ''): MlflowInput {
  const path = (name: string): string => `${prefix}${name}`;
  const raw = (name: string): unknown => (Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined);

  function read<Value>(name: string, need: Required | undefined, convert: (value: unknown) => Value | undefined): Value | undefined {
    const value = raw(name);
    if (value === undefined || (value === '' && need !== undefined && need.allowEmpty !== true)) {
      if (need !== undefined) throw missingParameter(path(name));
      return undefined;
    }
    const converted = convert(value);
    if (converted === undefined) throw invalidParameter(path(name), value);
    return converted;
  }

  function string(name: string, need: Required): string;
  function string(name: string): string | undefined;
  function string(name: string, need?: Required): string | undefined {
    return read(name, need, (value) => (typeof value === 'string' ? value : undefined));
  }
  function integer(name: string, need: Required): number;
  function integer(name: string): number | undefined;
  function integer(name: string, need?: Required): number | undefined {
    return read(name, need, toInteger);
  }
  function number(name: string, need: Required): number;
  function number(name: string): number | undefined;
  function number(name: string, need?: Required): number | undefined {
    return read(name, need, toDouble);
  }
  function choice<Name extends string>(name: string, numbers: Readonly<Record<Name, number>>, need: Required): Name;
  function choice<Name extends string>(name: string, numbers: Readonly<Record<Name, number>>): Name | undefined;
  function choice<Name extends string>(name: string, numbers: Readonly<Record<Name, number>>, need?: Required): Name | undefined {
    return read(name, need, (value) => {
      const names = Object.keys(numbers) as Name[];
      const found = names.find((each) => each === value || numbers[each] === toInteger(value));
      if (found === undefined) throw invalidParameter(path(name), value, `Value must be one of ${names.join(', ')}.`);
      return found;
    });
  }

  return {
    actor,
    path,
    raw,
    has: (name) => raw(name) !== undefined,
    string,
    integer,
    number,
    boolean: (name) => read(name, undefined, toBoolean),
    choice,
    strings(name) {
      const value = raw(name);
      const items = value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
      return items.map((item, index) => {
        if (typeof item !== 'string') throw invalidParameter(Array.isArray(value) ? `${path(name)}[${index}]` : path(name), item);
        return item;
      });
    },
    list(name) {
      const value = raw(name) ?? [];
      if (!Array.isArray(value)) throw invalidParameter(path(name), value);
      return value.map((item: unknown, index) => toMessage(item, actor, `${path(name)}[${index}]`));
    },
    message(name) {
      const value = raw(name);
      return value === undefined ? undefined : toMessage(value, actor, path(name));
    },
  };
}

function toMessage(value: unknown, actor: string, path: string): MlflowInput {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalidParameter(path, value);
  return createInput(value as Fields, actor, `${path}.`);
}

function toInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^[+-]?[0-9]{1,19}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number + 0 : undefined;
}

const words: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };

function toDouble(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  if (Object.hasOwn(words, value)) return words[value];
  return /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(value) ? Number(value) : undefined;
}

function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  return word === 'true' ? true : word === 'false' ? false : undefined;
}
