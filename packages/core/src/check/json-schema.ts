import type { JsonObject, JsonValue } from '../ports/json.ts';
import { toPattern } from './pattern.ts';

type Test = (value: JsonValue) => boolean;

/** Said of a schema, not asserted. `format` is such by default since draft 2019-09. */
const ANNOTATIONS = new Set(['$schema', '$id', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'format', 'contentMediaType', 'contentEncoding', '$anchor']); // prettier-ignore
const DEEPEST = 100;

/**
 * Compiles a JSON Schema (draft 2020-12, and the older keywords that mean the same) into a test. Throws RangeError on a keyword that it does not know: a rule
 * passed over in silence would let bad data through. References within the schema only.
 */
export function toSchemaTest(schema: JsonValue): Test {
  const compiled = new Map<JsonValue, Test>();
  let depth = 0;

  function compile(part: JsonValue): Test {
    if (typeof part === 'boolean') return () => part;
    if (!isObject(part)) throw new RangeError(`"json_schema" holds ${JSON.stringify(part)} where a schema must stand`);
    const known = compiled.get(part);
    if (known !== undefined) return known;
    const tests: Test[] = [];
    // Before its parts, since a schema may refer to itself.
    const whole: Test = (value) => {
      if (++depth > DEEPEST) throw new RangeError('"json_schema" refers to itself without an end');
      try {
        return tests.every((test) => test(value));
      } finally {
        depth -= 1;
      }
    };
    compiled.set(part, whole);
    for (const [keyword, said] of Object.entries(part)) {
      const test = toTest(keyword, said, part);
      if (test !== undefined) tests.push(test);
    }
    return whole;
  }

  function toTest(keyword: string, said: JsonValue, part: JsonObject): Test | undefined {
    if (ANNOTATIONS.has(keyword)) return undefined;
    const about = simple(keyword, said) ?? numeric(keyword, said);
    if (about !== undefined) return about;
    switch (keyword) {
      case '$ref':
        return deferred(() => compile(resolve(schema, text(keyword, said))));
      case 'allOf':
      case 'anyOf':
      case 'oneOf': {
        const tests = list(keyword, said).map(compile);
        if (keyword === 'allOf') return (value) => tests.every((test) => test(value));
        if (keyword === 'anyOf') return (value) => tests.some((test) => test(value));
        return (value) => tests.filter((test) => test(value)).length === 1;
      }
      case 'not': {
        const test = compile(said);
        return (value) => !test(value);
      }
      case 'if': {
        const test = compile(said);
        const then = compile(part['then'] ?? true);
        const otherwise = compile(part['else'] ?? true);
        return (value) => (test(value) ? then(value) : otherwise(value));
      }
      case 'then':
      case 'else':
        return undefined;
      case 'properties':
      case 'patternProperties':
      case 'additionalProperties':
      case 'propertyNames':
      case 'dependentSchemas':
        return properties(keyword, said, part);
      case 'items':
      case 'prefixItems':
      case 'additionalItems':
      case 'contains':
        return items(keyword, said, part);
      case 'minContains':
      case 'maxContains':
        return undefined;
      default:
        throw new RangeError(`"json_schema" uses "${keyword}", which is not supported`);
    }
  }

  function properties(keyword: string, said: JsonValue, part: JsonObject): Test | undefined {
    const named =
      keyword === 'additionalProperties' || keyword === 'propertyNames'
        ? []
        : Object.entries(object(keyword, said)).map(([name, one]) => [name, compile(one)] as const);
    if (keyword === 'properties')
      return onObject((value) => named.every(([name, test]) => !Object.hasOwn(value, name) || test(value[name] as JsonValue)));
    if (keyword === 'dependentSchemas')
      return onObject((value) => named.every(([name, test]) => !Object.hasOwn(value, name) || test(value)));
    if (keyword === 'patternProperties') {
      const patterns = named.map(([source, test]) => [toExpression(source), test] as const);
      return onObject((value) =>
        Object.entries(value).every(([name, one]) => patterns.every(([pattern, test]) => !pattern.test(name) || test(one))),
      );
    }
    const test = compile(said);
    if (keyword === 'propertyNames') return onObject((value) => Object.keys(value).every((name) => test(name)));
    const known = new Set(Object.keys(object('properties', part['properties'] ?? {})));
    const patterns = Object.keys(object('patternProperties', part['patternProperties'] ?? {})).map(toExpression);
    return onObject((value) =>
      Object.entries(value).every(([name, one]) => known.has(name) || patterns.some((pattern) => pattern.test(name)) || test(one)),
    );
  }

  function items(keyword: string, said: JsonValue, part: JsonObject): Test | undefined {
    // Before 2020-12 a list under `items` meant what `prefixItems` means now.
    const prefix = Array.isArray(part['prefixItems']) ? part['prefixItems'] : Array.isArray(part['items']) ? part['items'] : [];
    if (keyword === 'prefixItems' || (keyword === 'items' && Array.isArray(said))) {
      const tests = (prefix as readonly JsonValue[]).map(compile);
      return onArray((value) => tests.every((test, index) => index >= value.length || test(value[index] as JsonValue)));
    }
    const test = compile(said);
    if (keyword === 'contains') {
      const [least, most] = [Number(part['minContains'] ?? 1), Number(part['maxContains'] ?? Infinity)];
      return onArray((value) => {
        const found = value.filter(test).length;
        return found >= least && found <= most;
      });
    }
    return onArray((value) => value.slice(prefix.length).every(test));
  }

  return compile(schema);
}

function simple(keyword: string, said: JsonValue): Test | undefined {
  switch (keyword) {
    case 'type': {
      const types = (Array.isArray(said) ? (said as readonly JsonValue[]) : [said]).map((one) => text(keyword, one));
      const unknown = types.find((type) => !/^(null|boolean|object|array|number|integer|string)$/.test(type));
      if (unknown !== undefined) throw new RangeError(`"json_schema" names the type ${JSON.stringify(unknown)}, which there is not`);
      return (value) => types.some((type) => isOfType(value, type));
    }
    case 'enum': {
      const values = list(keyword, said);
      return (value) => values.some((one) => isEqual(one, value));
    }
    case 'const':
      return (value) => isEqual(said, value);
    case 'required': {
      const names = list(keyword, said).map(String);
      return onObject((value) => names.every((name) => Object.hasOwn(value, name)));
    }
    case 'dependentRequired': {
      const entries = Object.entries(object(keyword, said)).map(([name, needs]) => [name, list(keyword, needs).map(String)] as const);
      return onObject((value) =>
        entries.every(([name, needs]) => !Object.hasOwn(value, name) || needs.every((need) => Object.hasOwn(value, need))),
      );
    }
    case 'pattern': {
      const expression = toExpression(text(keyword, said));
      return (value) => typeof value !== 'string' || expression.test(value);
    }
    case 'uniqueItems':
      return said === true
        ? onArray((value) => value.every((one, index) => !value.slice(0, index).some((other) => isEqual(one, other))))
        : undefined;
    default:
      return undefined;
  }
}

function numeric(keyword: string, said: JsonValue): Test | undefined {
  const limit = Number(said);
  const number =
    (test: (value: number) => boolean): Test =>
    (value) =>
      typeof value !== 'number' || test(value);
  const long =
    (test: (length: number) => boolean): Test =>
    (value) =>
      typeof value !== 'string' || test(Array.from(value).length);
  const tests: Readonly<Record<string, Test>> = {
    minimum: number((value) => value >= limit),
    maximum: number((value) => value <= limit),
    exclusiveMinimum: number((value) => value > limit),
    exclusiveMaximum: number((value) => value < limit),
    multipleOf: number((value) => Number.isInteger(value / limit)),
    minLength: long((length) => length >= limit),
    maxLength: long((length) => length <= limit),
    minItems: onArray((value) => value.length >= limit),
    maxItems: onArray((value) => value.length <= limit),
    minProperties: onObject((value) => Object.keys(value).length >= limit),
    maxProperties: onObject((value) => Object.keys(value).length <= limit),
  };
  if (!Object.hasOwn(tests, keyword)) return undefined;
  if (typeof said !== 'number') throw new RangeError(`"json_schema" has "${keyword}": ${JSON.stringify(said)}; it must be a number`);
  return tests[keyword];
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function onObject(test: (value: JsonObject) => boolean): Test {
  return (value) => !isObject(value) || test(value);
}

function onArray(test: (value: readonly JsonValue[]) => boolean): Test {
  return (value) => !Array.isArray(value) || test(value as readonly JsonValue[]);
}

function object(keyword: string, said: JsonValue): JsonObject {
  if (!isObject(said)) throw new RangeError(`"json_schema" has "${keyword}": ${JSON.stringify(said)}; it must be an object`);
  return said;
}

function text(keyword: string, said: JsonValue): string {
  if (typeof said !== 'string') throw new RangeError(`"json_schema" has "${keyword}": ${JSON.stringify(said)}; it must be a text`);
  return said;
}

function list(keyword: string, said: JsonValue): readonly JsonValue[] {
  if (!Array.isArray(said)) throw new RangeError(`"json_schema" has "${keyword}": ${JSON.stringify(said)}; it must be a list`);
  return said as readonly JsonValue[];
}

function toExpression(source: string): RegExp {
  const { script, ignoreCase } = toPattern(source);
  return new RegExp(script, ignoreCase ? 'iu' : 'u');
}

function deferred(make: () => Test): Test {
  let test: Test | undefined;
  return (value) => (test ??= make())(value);
}

function resolve(schema: JsonValue, reference: string): JsonValue {
  if (!/^#(\/|$)/.test(reference))
    throw new RangeError(`"json_schema" refers to "${reference}"; only parts of itself, such as #/$defs/name, can be referred to`);
  let part: JsonValue | undefined = schema;
  for (const step of reference.slice(1).split('/').slice(1)) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    const holder: Readonly<Record<string, JsonValue>> | undefined =
      typeof part === 'object' && part !== null ? (part as JsonObject) : undefined;
    part = holder !== undefined && Object.hasOwn(holder, name) ? holder[name] : undefined;
  }
  if (part === undefined) throw new RangeError(`"json_schema" refers to "${reference}", which is not in it`);
  return part;
}

function isOfType(value: JsonValue, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isObject(value) : typeof value === type;
}

function isEqual(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, index) => isEqual(one as JsonValue, b[index] as JsonValue));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name] as JsonValue, b[name] as JsonValue))
  );
}
