import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';

/** Does something with a model's package: the folder at `path`, or one made for the time being around the file there. Throws `model_file_invalid`. */
export async function withPackage<Result>(path: string, use: (folder: string) => Promise<Result>): Promise<Result> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return use(path);
  const { toBareFormat, toBareMlmodel } = await import('@pawl/serving');
  const format = await toBareFormat(path);
  const folder = mkdtempSync(join(tmpdir(), 'pawl-model-'));
  try {
    const name = `model${extname(path).toLowerCase()}`;
    writeFileSync(join(folder, 'MLmodel'), toBareMlmodel(format, name));
    await copyFile(resolve(path), join(folder, name));
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
