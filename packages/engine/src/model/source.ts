import { checkModelSource } from '@pawl/core';
import type { ArtifactPlace, Digest, Manifest, ModelVersion, Readers } from '@pawl/core';
import type { ArtifactService } from '../artifact/service.ts';
import type { LoggedModelService } from '../logged-model/service.ts';

export interface SourcePorts {
  readonly read: Readers;
  readonly artifacts: ArtifactService;
  readonly loggedModels: LoggedModelService;
  /** A version by number, alias or stage. Throws `model_not_found`, `model_version_not_found`. */
  readonly version: (model: string, which: string) => Promise<ModelVersion>;
}

/** What the source of a new version leads to. */
export interface FoundSource {
  readonly location: string;
  readonly run: string | null;
  readonly loggedModel: string | null;
  /** The package of the version that the source names. */
  readonly package: Digest | null;
  /** The files that this server has there; null when it has none. */
  readonly manifest: Manifest | null;
}

/**
 * Follows `models:/m-…`, `models:/<name>/<version>`, `models:/<name>@<alias>`, `runs:/<run>/<path>` and what the artifact proxy keeps; any other source is where its client
 * says it is. Throws `model_source_invalid`, `logged_model_not_found`, `model_version_not_found`.
 */
export async function findSource(
  ports: SourcePorts,
  source: string,
  named: { readonly run: string | null; readonly loggedModel: string | null },
): Promise<FoundSource> {
  const { read } = ports;
  const run = named.run === null ? undefined : await read.runs.get(named.run);
  const logged = named.loggedModel === null ? undefined : await ports.loggedModels.get(named.loggedModel);
  const loggedUri = logged === undefined ? undefined : await ports.loggedModels.uri(logged);
  checkModelSource(
    source,
    [run?.artifactUri, loggedUri].filter((root) => root !== undefined),
  );
  const own = { run: named.run ?? logged?.run ?? null, loggedModel: named.loggedModel };

  const id = /^models:\/+(m-[0-9a-f]{32})\/?$/.exec(source)?.[1];
  if (id !== undefined) {
    const target = await ports.loggedModels.get(id);
    const manifest = await toManifest(ports.artifacts, { tree: `model/${id}`, path: '' });
    return { location: await ports.loggedModels.uri(target), run: own.run ?? target.run, loggedModel: id, package: null, manifest };
  }
  const registered = /^models:\/+([^/@]+)(?:\/|@)([^/]+)$/.exec(source);
  if (registered !== null) {
    const [, model = '', which = ''] = registered;
    const target = await ports.version(decodeURIComponent(model), which);
    return {
      location: target.location ?? target.source ?? source,
      run: own.run ?? target.run,
      loggedModel: own.loggedModel ?? target.loggedModel,
      package: target.package,
      manifest: null,
    };
  }
  // A version of a logged model is loaded from where the model is, whatever its source says.
  const location = loggedUri ?? source;
  const place = await ports.artifacts.fromUri(source);
  return { ...own, location, package: null, manifest: place === null ? null : await toManifest(ports.artifacts, place) };
}

async function toManifest(artifacts: ArtifactService, place: ArtifactPlace): Promise<Manifest | null> {
  const files = await artifacts.files(place);
  return files.length === 0 ? null : { entries: files.map((file) => ({ ...file, mode: 0o644 })) };
}
