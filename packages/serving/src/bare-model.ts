import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { ModelFile, ModelSpec } from '@pawl/core';
import { fault } from '@pawl/core';

type Format = Exclude<ModelFile['format'], 'python'>;

/** Bytes that tell one format from another. */
const HEAD = 4096;

const byName: Readonly<Record<string, Format>> = { '.onnx': 'onnx', '.ubj': 'xgboost' };

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What a file that lies in no package is, by its name, else by how it begins. Throws `model_file_invalid`. */
export async function toBareFormat(path: string): Promise<Format> {
  const name = basename(path);
  const known = byName[extname(name).toLowerCase()];
  if (known !== undefined) return known;
  const head = await readHead(path);
  const text = head.toString('latin1');
  if (/^tree\r?\n/.test(text)) return 'lightgbm';
  if (/^\s*\{/.test(text) && text.includes('"learner"')) return 'xgboost';
  // UBJSON: an object whose first key comes by its length.
  if (/^\{[LiIlU]/.test(text) && text.includes('learner')) return 'xgboost';
  const pickled = /\.(?:pkl|pickle|joblib|sav)$/i.test(name) || (head[0] === 0x80 && head[1] !== undefined && head[1] <= 5);
  throw fault('model_file_invalid', {
    file: name,
    reason: pickled
      ? 'a pickle alone does not say what it needs; save the model with mlflow.sklearn.save_model and take the folder'
      : 'it is no ONNX file, no XGBoost model (JSON, UBJSON) and no LightGBM text',
  });
}

/** What a package of one file would say of it. */
export function toBareSpec(format: Format, path: string): ModelSpec {
  return {
    file: { format, path, bestOnly: false },
    flavor: format,
    features: [],
    decision: { label: null, score: null, positive: null },
    schema: null,
    example: null,
  };
}

/** The `MLmodel` of a package of one file. */
export function toBareMlmodel(format: Format, path: string): string {
  // JSON is YAML.
  return `${JSON.stringify({ flavors: { [format]: { data: path } } }, null, 2)}\n`;
}
