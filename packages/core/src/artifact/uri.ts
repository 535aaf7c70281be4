import { fault } from '../fault/fault.ts';
import type { Digest } from '../ports/digest.ts';

/** Root of everything that the server keeps itself: MLflow's clients map this scheme to the artifact proxy of their tracking server. */
export const PROXY_ROOT = 'mlflow-artifacts:/';

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]+:/;

/** Checks a location that a client names for an experiment's artifacts. Throws `artifact_location_invalid`. */
export function checkLocation(location: string): void {
  const refuse = (problem: string): Error => fault('artifact_location_invalid', { location, problem });
  if (/^(runs|models):/i.test(location)) throw refuse('runs and models have their artifacts where their experiment says; name a store.');
  if (/[?#]/.test(location) && SCHEME.test(location)) throw refuse('it has a query or fragment; leave them out.');
  if (decodeAll(location).split(/[/\\]/).includes('..')) throw refuse('it has "..".');
  if (location.includes('\0')) throw refuse('it has a NUL character.');
}

/**
 * Root URI of an experiment's artifacts. A store that clients reach themselves (`s3://…`) is kept as it was named; a local path, which would be another disk for each
 * client, is recorded only: its files come here. `base` is the root of experiments that name none.
 */
export function toExperimentRoot(base: string, experiment: number, location: string | null): string {
  const named = location !== null && SCHEME.test(location) && !/^file:/i.test(location);
  return named ? location.replace(/(?<=[^:/])\/+$/, '') : `${base.replace(/\/+$/, '')}/${experiment}`;
}

export function toRunUri(experimentRoot: string, run: string): string {
  return `${experimentRoot}/${run}/artifacts`;
}

export function toLoggedModelUri(experimentRoot: string, model: string): string {
  return `${experimentRoot}/models/${model}/artifacts`;
}

/** What a URI names below the root of the artifact proxy, not decoded; null when its files are elsewhere. A host in it is the client's way here. */
export function toProxyPath(uri: string): string | null {
  return /^mlflow-artifacts:(?:\/\/[^/]*)?\/?(.*)$/is.exec(uri)?.[1] ?? null;
}

/** Where clients find the files of a registered package: in the tree of free files, by its digest. */
export function toPackagePath(digest: Digest): string {
  return `${PACKAGES}/${digest.slice('sha256:'.length)}`;
}

const PACKAGES = 'pawl-packages';

/** Whether a path of the tree of free files is a package's, or has packages below it. */
export function isPackagePath(path: string): boolean {
  return path === '' || path === PACKAGES || path.startsWith(`${PACKAGES}/`);
}

export interface OwnedPath {
  /** Of the experiment, as a path below the proxy. */
  readonly root: string;
  readonly owner: 'run' | 'model';
  readonly id: string;
  /** Below the owner's `artifacts` folder. */
  readonly path: string;
}

/** Reads `<experiment>/<run>/artifacts/<path>` and `<experiment>/models/<m-id>/artifacts/<path>`; null for any other path. */
export function toOwnedPath(path: string): OwnedPath | null {
  const match = /^(.+?)\/(?:models\/(m-[0-9a-f]{32})|([0-9a-f]{32}))\/artifacts(?:\/(.*))?$/s.exec(path);
  if (match === null) return null;
  const [, root = '', model, run = '', rest = ''] = match;
  return { root, owner: model === undefined ? 'run' : 'model', id: model ?? run, path: rest };
}

function decodeAll(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    return decoded === text ? text : decodeAll(decoded);
  } catch {
    return text;
  }
}
