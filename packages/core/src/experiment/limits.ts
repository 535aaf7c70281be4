import { fault } from '../fault/fault.ts';
import type { Fault } from '../fault/fault.ts';

const MOST_KEY = 250;
const MOST_PARAM = 6000;
const MOST_TAG = 8000;
const MOST_EXPERIMENT_TAG = 20_000;
const MOST_EXPERIMENT_NAME = 500;
const MOST_METRICS = 1000;
const MOST_TEXTS = 100;
const MOST_RECORDS = 1000;

/** Python's `\w` is Unicode, so that `é/β` is a key. */
const KEY = /^[/\p{L}\p{N}_.\- :]*$/u;

type Texts = Readonly<Record<string, string>>;

/** Checks a key by MLflow's rules; `path` is where the request has it. Throws `record_invalid`. */
export function checkKey(key: string, path: string, what: string): void {
  const invalid = (reason: string): Fault => refuse(`Invalid value ${JSON.stringify(key)} for parameter '${path}' supplied: ${reason}`);
  if (!KEY.test(key)) {
    throw invalid('Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).');
  }
  const normal = normalPath(key);
  if (normal !== key || normal === '.' || normal.startsWith('..') || normal.startsWith('/')) {
    throw invalid(
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${normal}'`,
    );
  }
  checkLength(what, key, MOST_KEY);
}

/** POSIX normalisation, as Python's posixpath.normpath does it. */
function normalPath(path: string): string {
  const root = path.startsWith('//') && !path.startsWith('///') ? '//' : path.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || root === '') parts.push(part);
  }
  return root + parts.join('/') || '.';
}

function checkLength(what: string, value: string, limit: number): void {
  if (lengthOf(value, limit) > limit) throw refuse(`'${what}' exceeds the maximum length of ${limit} characters`);
}

/** In code points, as Python counts; counted only where it may matter. */
function lengthOf(value: string, limit: number): number {
  return value.length <= limit ? value.length : Array.from(value).length;
}

function cut(value: string, limit: number): string {
  return lengthOf(value, limit) <= limit ? value : Array.from(value).slice(0, limit).join('');
}

/** A parameter's value as it is kept: cut at 6000 characters. */
export function toParamValue(value: string): string {
  return cut(value, MOST_PARAM);
}

/** A run tag's value as it is kept: cut at 8000 characters. */
export function toTagValue(value: string): string {
  return cut(value, MOST_TAG);
}

export function checkExperimentName(name: string): void {
  if (name === '') throw refuse(`Invalid experiment name: '${name}'`);
  checkLength('name', name, MOST_EXPERIMENT_NAME);
}

export function checkExperimentTags(tags: Texts): void {
  for (const [key, value] of Object.entries(tags)) {
    checkKey(key, 'key', 'key');
    checkLength('value', value, MOST_EXPERIMENT_TAG);
  }
}

/** Checks how much one batch may carry. Throws `record_invalid`. */
export function checkBatch(metrics: number, params: number, tags: number): void {
  checkCount('metrics', metrics, MOST_METRICS);
  checkCount('params', params, MOST_TEXTS);
  checkCount('tags', tags, MOST_TEXTS);
  checkCount('metrics, params, and tags', metrics + params + tags, MOST_RECORDS);
}

function checkCount(what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw refuse(
    `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}

const MOST_OF_DATASET = { name: 500, digest: 36, source: 65_535, schema: 1_048_575, profile: 16_777_215 } as const;
const MOST_INPUT_TAG_KEY = 255;
const MOST_INPUT_TAG_VALUE = 500;

/** Checks the description of a dataset. Throws `record_invalid`. */
export function checkDataset(dataset: {
  readonly name: string;
  readonly digest: string;
  readonly source: string;
  readonly schema: string | null;
  readonly profile: string | null;
  readonly tags: Texts;
}): void {
  for (const [field, limit] of Object.entries(MOST_OF_DATASET)) {
    const value = dataset[field as keyof typeof MOST_OF_DATASET];
    if (value !== null && value.length > limit) throw refuse(`Dataset ${field} exceeds the maximum length of ${limit}`);
  }
  for (const [key, value] of Object.entries(dataset.tags)) {
    if (key.length > MOST_INPUT_TAG_KEY) throw refuse(`InputTag key exceeds the maximum length of ${MOST_INPUT_TAG_KEY}`);
    if (value.length > MOST_INPUT_TAG_VALUE) throw refuse(`InputTag value exceeds the maximum length of ${MOST_INPUT_TAG_VALUE}`);
  }
}

function refuse(problem: string): Fault {
  return fault('record_invalid', { problem });
}
