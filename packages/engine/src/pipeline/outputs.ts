import { fault, fromJsonText, fromMetricsText, isFault, MAX_VALUE_CHARACTERS, toCanonicalJson, toEnvName } from '@pawl/core';
import type {
  Artifact,
  Blobs,
  Digest,
  Folders,
  JsonValue,
  Manifest,
  PipelineRun,
  PipelineStep,
  RunInput,
  StepMetric,
  StepOutput,
  Task,
  TaskOutput,
  Writers,
} from '@pawl/core';
import { putManifest, readManifest } from '../dataset/manifest-blob.ts';
import type { DatasetService, PreparedVersion } from '../dataset/service.ts';

interface OutputPorts {
  readonly blobs: Blobs;
  readonly folders: Folders;
  readonly datasets: DatasetService;
}

/** What a step left, stored; `commit` writes only rows. */
export interface CollectedOutputs {
  readonly metrics: readonly StepMetric[];
  readonly artifacts: readonly Omit<Artifact, 'run'>[];
  /** Makes dataset versions of those outputs that are to be one. Only inside a transaction; throws Conflict. */
  commit(tx: Writers): Promise<Readonly<Record<string, TaskOutput>>>;
}

/** Where a step is told to write an output below its own folder: the file itself, or the folder, which exists. */
export function toOutputPath(folders: Folders, folder: string, { type, name }: StepOutput): string {
  return isFileOutput(type) ? folders.join(folder, name) : folder;
}

/** Stores everything that a step wrote. Throws `output_missing`, `output_invalid`, `table_unreadable`. */
export async function collectOutputs(
  ports: OutputPorts,
  run: PipelineRun,
  task: Task,
  step: PipelineStep,
  paths: Readonly<Record<string, string>>,
  actor: string,
): Promise<CollectedOutputs> {
  const manifests: {
    readonly port: string;
    readonly digest: Digest;
    readonly version: PreparedVersion | null;
    readonly value: JsonValue | undefined;
  }[] = [];
  const metrics: StepMetric[] = [];
  const artifacts: Omit<Artifact, 'run'>[] = [];
  for (const [port, output] of Object.entries(step.outputs)) {
    const manifest = await storeOutput(ports, step.name, port, output, paths[port] ?? '');
    const read = output.type === 'metrics' ? await readMetrics(ports.blobs, step.name, port, manifest) : [];
    metrics.push(...read.map((metric) => (task.index === null ? metric : { ...metric, step: task.index })));
    const value =
      output.type === 'json'
        ? await readJson(ports.blobs, step.name, port, manifest)
        : output.type === 'metrics'
          ? Object.fromEntries(read.map(({ name, value: number }) => [name, number]))
          : undefined;
    artifacts.push(...toArtifacts(placeOf(step.name, task), port, output, manifest));
    const message = `Output "${port}" of step "${step.name}" in run ${run.id}`;
    const version =
      output.dataset === null ? null : await ports.datasets.prepare({ dataset: output.dataset, manifest, message, actor, task: task.id });
    manifests.push({
      port,
      digest: await putManifest(ports.blobs, manifest),
      version,
      value: value === undefined || isLong(value) ? undefined : value,
    });
  }
  return {
    metrics,
    artifacts,
    async commit(tx) {
      const outputs: Record<string, TaskOutput> = {};
      for (const { port, digest, version, value } of manifests) {
        const committed = version === null ? undefined : (await version.commit(tx)).version;
        outputs[port] = {
          manifest: digest,
          dataset: committed === undefined ? null : { dataset: committed.dataset, version: committed.version },
          ...(value === undefined ? {} : { value }),
        };
      }
      return outputs;
    },
  };
}

/** Outputs of an earlier task, to be taken over; undefined when a part of them is not stored any more. */
export async function reuseOutputs(
  ports: OutputPorts,
  task: Task,
  step: PipelineStep,
  outputs: Readonly<Record<string, TaskOutput>>,
): Promise<CollectedOutputs | undefined> {
  const metrics: StepMetric[] = [];
  const artifacts: Omit<Artifact, 'run'>[] = [];
  for (const [port, output] of Object.entries(step.outputs)) {
    const stored = outputs[port];
    if (stored === undefined || !(await ports.blobs.has(stored.manifest))) return undefined;
    const manifest = await readStored(ports.blobs, stored.manifest);
    if (manifest === undefined) return undefined;
    const read = output.type === 'metrics' ? await readMetrics(ports.blobs, step.name, port, manifest) : [];
    metrics.push(...read.map((metric) => (task.index === null ? metric : { ...metric, step: task.index })));
    artifacts.push(...toArtifacts(placeOf(step.name, task), port, output, manifest));
  }
  return { metrics, artifacts, commit: () => Promise.resolve(outputs) };
}

/** Dataset versions among a step's inputs and outputs, for the record of its run. */
export function toRunInputs(
  inputs: readonly { readonly port: string; readonly ref: RunInput | Omit<RunInput, 'role'> | null }[],
): readonly RunInput[] {
  return inputs.flatMap(({ port, ref }) => (ref === null ? [] : [{ dataset: ref.dataset, version: ref.version, role: port }]));
}

export function isFileOutput(type: StepOutput['type']): boolean {
  return type === 'file' || type === 'metrics' || type === 'json';
}

/** A manifest whose files are all stored; undefined when one is not, or when it cannot be read. */
async function readStored(blobs: Blobs, digest: Digest): Promise<Manifest | undefined> {
  try {
    const manifest = await readManifest(blobs, digest);
    for (const entry of manifest.entries) if (!(await blobs.has(entry.digest))) return undefined;
    return manifest;
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

/** Where an element's artifacts lie among those of the run. */
function placeOf(step: string, { index }: Task): string {
  return index === null ? step : `${step}/${index}`;
}

async function readJson(blobs: Blobs, step: string, port: string, manifest: Manifest): Promise<JsonValue> {
  const [entry] = manifest.entries;
  if (entry === undefined) throw fault('output_invalid', { step, output: port, problem: 'it is empty' });
  return fromJsonText(step, port, new TextDecoder().decode(await blobs.read(entry.digest)));
}

/** Longer values are there as files only. */
function isLong(value: JsonValue): boolean {
  return toCanonicalJson(value).length > MAX_VALUE_CHARACTERS;
}

async function storeOutput(
  { folders, datasets }: OutputPorts,
  step: string,
  port: string,
  output: StepOutput,
  path: string,
): Promise<Manifest> {
  const missing = (cause?: unknown): Error =>
    fault('output_missing', { step, output: port, variable: `PAWL_OUTPUT_${toEnvName(port)}` }, cause);
  if (!(await folders.exists(path))) throw missing();
  const manifest = await datasets.store(path, output.dataset ?? undefined).catch((error: unknown) => {
    throw isFault(error, 'dataset_empty') ? missing(error) : error;
  });
  if (isFileOutput(output.type) && (manifest.entries.length !== 1 || manifest.entries[0]?.path !== output.name)) {
    throw fault('output_invalid', { step, output: port, problem: 'it is declared as a file, but a folder was written' });
  }
  if (output.type === 'model' && !manifest.entries.some((entry) => entry.path === 'MLmodel')) {
    throw fault('output_invalid', { step, output: port, problem: 'a model is a folder with a file "MLmodel" in it' });
  }
  return manifest;
}

async function readMetrics(blobs: Blobs, step: string, port: string, manifest: Manifest): Promise<readonly StepMetric[]> {
  const [entry] = manifest.entries;
  return entry === undefined ? [] : fromMetricsText(step, port, new TextDecoder().decode(await blobs.read(entry.digest)));
}

/** Files a reader of the run may want, at `<step>/<output>/<path>`. What became a dataset, and bare folders of any size, are found by their own names. */
function toArtifacts(step: string, port: string, output: StepOutput, manifest: Manifest): readonly Omit<Artifact, 'run'>[] {
  if (output.dataset !== null || output.type === 'folder') return [];
  return manifest.entries.map(({ path, digest, size }) => ({ path: `${step}/${port}/${path}`, digest, size }));
}
