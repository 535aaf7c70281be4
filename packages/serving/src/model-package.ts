import { realpath, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { LocalModel, ModelFeatures, ModelFile, ModelSpec } from '@pawl/core';
import { fault } from '@pawl/core';
import { parse } from 'yaml';
import { toBareFormat, toBareSpec } from './bare-model.ts';
import { toModelSchema } from './model-schema.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Bytes. */
export const LARGEST_MLMODEL: number = 1 << 20;

const invalid = (problem: string, cause?: unknown) => fault('model_package_invalid', { problem }, cause);

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsAt(parent: Fields, key: string, where: string): Fields {
  const value = parent[key] ?? {};
  if (!isFields(value)) throw invalid(`MLmodel: "${where}" must be a mapping.`);
  return value;
}

function textAt(parent: Fields, key: string, where: string): string {
  const value = parent[key];
  if (typeof value !== 'string' || value === '') throw invalid(`MLmodel: "${where}" must be a text.`);
  return value;
}

function toFeatures(value: unknown): readonly ModelFeatures[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid('MLmodel: "metadata.pawl.features" must be a list of {view, entity, features}.');
  return value.map((item: unknown, index) => {
    const where = `metadata.pawl.features[${index}]`;
    if (!isFields(item)) throw invalid(`MLmodel: "${where}" must be {view, entity, features}.`);
    const { features } = item;
    if (!Array.isArray(features) || features.length === 0 || features.some((name) => typeof name !== 'string' || name === '')) {
      throw invalid(`MLmodel: "${where}.features" must list names of features.`);
    }
    return {
      view: textAt(item, 'view', `${where}.view`),
      entity: textAt(item, 'entity', `${where}.entity`),
      features: features as string[],
    };
  });
}

interface Served {
  readonly file: ModelFile;
  readonly flavor: string;
}

/**
 * The first flavor that is served without running anybody's code: ONNX, or a booster's own file (not one that was pickled). What else has a Python function is left
 * to a Python of its own.
 */
function toServed(flavors: Fields): Served {
  for (const format of ['onnx', 'xgboost', 'lightgbm'] as const) {
    if (flavors[format] === undefined) continue;
    const where = `flavors.${format}`;
    const flavor = fieldsAt(flavors, format, where);
    const path = textAt(flavor, 'data', `${where}.data`);
    if (/\.(pkl|pickle|joblib)$/.test(path)) continue;
    const modelClass = flavor['model_class'];
    const bestOnly = format === 'xgboost' && typeof modelClass === 'string' && modelClass.startsWith('xgboost.sklearn.');
    return { flavor: format, file: { format, path, bestOnly } };
  }
  const flavor = Object.keys(flavors).find((name) => name !== 'python_function') ?? 'python_function';
  if (flavors['python_function'] !== undefined || flavors['sklearn'] !== undefined)
    return { flavor, file: { format: 'python', path: '.', bestOnly: false } };
  const found = Object.keys(flavors).join(', ');
  throw invalid(
    `MLmodel has no flavor that is served here: onnx, xgboost, lightgbm, sklearn or python_function (it has: ${found === '' ? 'none' : found}); save the model with mlflow.pyfunc, or convert it to ONNX.`,
  );
}

/**
 * Reads the text of an `MLmodel` file (https://mlflow.org/docs/latest/ml/model/#storage-format): the file that is served, the signature, and under `metadata.pawl`
 * the `features` to look up, `positive_output` (probability of the positive class), `label_output` and `positive_class`, where outputs do not show them by themselves.
 * Throws `model_package_invalid`.
 */
export function toModelSpec(text: string): ModelSpec {
  let root: unknown;
  try {
    root = parse(text, { maxAliasCount: 10 });
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw invalid(`MLmodel is not YAML: ${line.replace(/:$/, '')}.`, error);
  }
  if (!isFields(root)) throw invalid('MLmodel must be a mapping with "flavors".');
  const flavors = fieldsAt(root, 'flavors', 'flavors');
  const { file, flavor } = toServed(flavors);
  checkInside(file.path, `flavors.${file.format}.data`);
  const saved = fieldsAt(root, 'saved_input_example_info', 'saved_input_example_info')['serving_input_path'];
  if (typeof saved === 'string') checkInside(saved, 'saved_input_example_info.serving_input_path');
  const pawl = fieldsAt(fieldsAt(root, 'metadata', 'metadata'), 'pawl', 'metadata.pawl');
  return {
    file,
    flavor,
    features: toFeatures(pawl['features']),
    decision: {
      label: pawl['label_output'] === undefined ? null : textAt(pawl, 'label_output', 'metadata.pawl.label_output'),
      score: pawl['positive_output'] === undefined ? null : textAt(pawl, 'positive_output', 'metadata.pawl.positive_output'),
      positive: toPositive(pawl['positive_class']),
    },
    schema: toModelSchema(root['signature']),
    example: typeof saved === 'string' ? saved : null,
  };
}

function checkInside(path: string, where: string): void {
  const parts = path.split('/');
  if (isAbsolute(path) || path.includes('\\') || parts.includes('..') || parts.includes(''))
    throw invalid(`MLmodel: "${where}" is ${JSON.stringify(path)}; it must be a path inside the package.`);
}

function toPositive(value: unknown): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw invalid('MLmodel: "metadata.pawl.positive_class" must be a text, a number or a boolean.');
}

/**
 * Reads what lies at a path: a package, or one file of ONNX, XGBoost or LightGBM, which is served as if it were all of a package. Throws `file_unreadable`, `model_package_invalid`,
 * `model_file_invalid`.
 */
export async function readModel(path: string): Promise<LocalModel> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw fault(
      'file_unreadable',
      { path, reason: error.code === 'ENOENT' ? 'there is nothing there' : (error.code ?? error.message) },
      error,
    );
  });
  if (facts.isDirectory()) return readModelPackage(path);
  return { folder: dirname(path), spec: toBareSpec(await toBareFormat(path), basename(path)) };
}

/** Reads a model package unpacked at `folder`. Throws `model_package_invalid` when it is none, or when its file is missing or lies outside, links followed. */
export async function readModelPackage(folder: string): Promise<LocalModel> {
  const file = join(folder, 'MLmodel');
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size === undefined) throw invalid('it has no file "MLmodel" at its root; register the folder that mlflow saved.');
  if (size > LARGEST_MLMODEL) throw invalid(`MLmodel is larger than ${LARGEST_MLMODEL} bytes.`);
  const spec = toModelSpec(await readFile(file, 'utf8'));
  const [root, target] = await Promise.all([realpath(folder), realpath(join(folder, spec.file.path)).catch(() => undefined)]);
  if (target === undefined || !((await stat(target)).isFile() || spec.file.format === 'python'))
    throw invalid(`it has no file "${spec.file.path}", which MLmodel names.`);
  const inside = relative(root, target);
  if (inside.startsWith(`..${sep}`) || isAbsolute(inside)) throw invalid(`"${spec.file.path}" is a link that leaves the package.`);
  return { folder, spec };
}
