import { toCanonicalJson } from '@pawl/core';
import type { Blobs, Database, Hash, JsonValue, Manifest, ManifestEntry, PipelineRun, Task } from '@pawl/core';
import { readManifest } from '../dataset/manifest-blob.ts';
import { toContent } from './content.ts';
import type { ResolvedInput } from './inputs.ts';
import { elementsOf } from './scope.ts';

/**
 * One output of all elements of a fan-out, in the order of their index. Values become one file with a JSON list, null for an element that was skipped;
 * files become a folder with one folder for each element, named by its index in as many digits as the last one has.
 */
export async function gather(
  { database, blobs, hash }: { readonly database: Database; readonly blobs: Blobs; readonly hash: Hash },
  run: PipelineRun,
  fanOut: Task,
  output: string,
): Promise<Pick<ResolvedInput, 'manifest' | 'file' | 'content'>> {
  const declared = run.spec.steps.find((step) => step.name === fanOut.step)?.outputs[output];
  const isValue = declared?.type === 'json' || declared?.type === 'metrics';
  const digits = String(Math.max(0, (fanOut.elements?.total ?? 1) - 1)).length;
  const values: JsonValue[] = [];
  const entries: ManifestEntry[] = [];
  for await (const element of elementsOf(database.read.tasks, fanOut)) {
    const left = element.outputs[output];
    const files = left === undefined ? [] : (await readManifest(blobs, left.manifest)).entries;
    if (isValue) {
      const [file] = files;
      const value =
        left?.value ?? (file === undefined ? null : (JSON.parse(new TextDecoder().decode(await blobs.read(file.digest))) as JsonValue));
      values.push(value);
    } else {
      const place = String(element.index ?? 0).padStart(digits, '0');
      entries.push(...files.map((entry) => ({ ...entry, path: `${place}/${entry.path}` })));
    }
  }
  const file = isValue ? (declared?.name ?? 'values.json') : null;
  if (file !== null) {
    const text = new TextEncoder().encode(toCanonicalJson(values));
    const { digest, size } = await blobs.put(text);
    entries.push({ path: file, digest, size, mode: 0o644 });
  }
  const manifest: Manifest = { entries };
  return { manifest, file, content: toContent(hash, manifest, file !== null) };
}
