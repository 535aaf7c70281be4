import { ancestorsOf, fault, toCanonicalJson, toRefText } from '@pawl/core';
import type {
  Blobs,
  Database,
  DatasetRef,
  Digest,
  Folders,
  Hash,
  InputContent,
  Manifest,
  PipelineRun,
  PipelineStep,
  Task,
} from '@pawl/core';
import { readManifest } from '../dataset/manifest-blob.ts';
import type { DatasetService } from '../dataset/service.ts';
import { toContent } from './content.ts';
import { gather } from './gather.ts';
import { isFileOutput } from './outputs.ts';

/** One input of a step, found but not yet on disk. */
export interface ResolvedInput {
  readonly port: string;
  readonly manifest: Manifest;
  /** Set when the step gets a path to one file; otherwise it gets the folder. */
  readonly file: string | null;
  readonly ref: DatasetRef | null;
  readonly content: InputContent;
}

interface InputPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly hash: Hash;
  readonly datasets: DatasetService;
}

/** Throws `blob_not_found`, `dataset_version_not_found`. */
export async function resolveInputs(
  ports: InputPorts,
  run: PipelineRun,
  step: PipelineStep,
  tasks: readonly Task[],
): Promise<readonly ResolvedInput[]> {
  const resolved: ResolvedInput[] = [];
  for (const [port, input] of Object.entries(step.inputs)) {
    if (input.from === 'dataset') {
      const version = run.datasets[input.dataset];
      if (version === undefined) throw fault('dataset_not_found', { name: input.dataset });
      const ref = { dataset: input.dataset, version };
      const manifest = await ports.datasets.manifest(ref);
      // A dataset says not whether it is one file or a folder that happens to hold one: a lone file at its root is handed over as a file.
      const [only] = manifest.entries;
      const file = manifest.entries.length === 1 && only !== undefined && !only.path.includes('/') ? only.path : null;
      resolved.push({ port, manifest, file, ref, content: toContent(ports.hash, manifest, file !== null) });
      continue;
    }
    const source = tasks.find((task) => task.step === input.step);
    if (source !== undefined && source.elements !== null) {
      resolved.push({ port, ...(await gather(ports, run, source, input.output)), ref: null });
      continue;
    }
    const output = source?.outputs[input.output];
    if (output === undefined) throw fault('output_missing', { step: input.step, output: input.output, variable: 'none is stored' });
    const declared = run.spec.steps.find((one) => one.name === input.step)?.outputs[input.output];
    const isFile = declared !== undefined && isFileOutput(declared.type);
    const manifest = await readManifest(ports.blobs, output.manifest);
    resolved.push({
      port,
      manifest,
      file: isFile ? (manifest.entries[0]?.path ?? null) : null,
      ref: output.dataset,
      content: toContent(ports.hash, manifest, isFile),
    });
  }
  return resolved;
}

/**
 * Refuses a step that would learn from data a blocking check has rejected, however far back in this run: what was made of it is no better.
 * Throws `dataset_rejected`.
 */
export async function requireAcceptedInputs(
  datasets: DatasetService,
  run: PipelineRun,
  step: PipelineStep,
  tasks: readonly Task[],
): Promise<void> {
  const refs = new Map<string, DatasetRef>();
  const ancestors = ancestorsOf(run.spec, step.name);
  for (const one of [step, ...ancestors]) {
    for (const input of Object.values(one.inputs)) {
      const version = input.from === 'dataset' ? run.datasets[input.dataset] : undefined;
      if (input.from === 'dataset' && version !== undefined)
        refs.set(toRefText({ dataset: input.dataset, version }), { dataset: input.dataset, version });
    }
  }
  for (const one of ancestors) {
    for (const { dataset } of Object.values(tasks.find((task) => task.step === one.name)?.outputs ?? {})) {
      if (dataset !== null) refs.set(toRefText(dataset), dataset);
    }
  }
  for (const ref of refs.values()) await datasets.requireAccepted(ref);
}

const READ_ONLY = 0o444;
const EXECUTABLE = 0o111;

/** Writes an input below `folder` and returns the path that the step is told. Files are read-only: they may be links to stored content. */
export async function placeInput(
  ports: { readonly blobs: Blobs; readonly folders: Folders },
  input: ResolvedInput,
  folder: string,
): Promise<string> {
  for (const { path, digest, mode } of input.manifest.entries) {
    await ports.blobs.materialize(digest, ports.folders.join(folder, path), READ_ONLY | (mode & EXECUTABLE));
  }
  return input.file === null ? folder : ports.folders.join(folder, input.file);
}

/** One digest for each file that is a step's code, of where it lies and what it says; a folder counts with all its files. Throws `file_unreadable`. */
export async function digestCode(
  ports: { readonly folders: Folders; readonly hash: Hash },
  root: string,
  paths: readonly string[],
): Promise<readonly Digest[]> {
  const digests: Digest[] = [];
  for (const path of paths) {
    for (const file of await ports.folders.scan(ports.folders.join(root, path))) {
      const content = ports.hash(await ports.folders.read(file.absolute));
      digests.push(ports.hash(toCanonicalJson([path, file.path, content])));
    }
  }
  return digests;
}
