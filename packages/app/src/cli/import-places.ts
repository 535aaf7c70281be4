import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PlaceOptions {
  /** The folder, or URI, that a server behind `mlflow-artifacts:` keeps its files in. */
  readonly destination: string | undefined;
  /** Beginnings of URIs and what stands for them now. */
  readonly moved: Readonly<Record<string, string>>;
  /** Folders that files may be read from beside those of the store. */
  readonly allowed: readonly string[];
  /** Folders of the store itself. */
  readonly folders: readonly string[];
}

/** A file of an archive, kept under the hexadecimal digits of its digest. */
export interface StoredPlace {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
}

/** Where files are: in a folder of this machine, in a store that clients reach themselves, or nowhere. */
export type FilePlace =
  | { readonly kind: 'local'; readonly folder: string }
  | { readonly kind: 'stored'; readonly folder: string; readonly files: readonly StoredPlace[] }
  | { readonly kind: 'remote'; readonly uri: string }
  | { readonly kind: 'refused'; readonly problem: string };

export interface Places {
  find(uri: string): FilePlace;
}

const PROXY = /^mlflow-artifacts:(?:\/\/[^/]*)?\/?/i;

/**
 * Finds out where URIs of a store lead. Its author may be somebody else: folders of this machine are read only when they lie in the store's own, or in one
 * that the command line names, so that no store can make its reader upload `/etc`.
 */
export function createPlaces({ destination, moved, allowed, folders }: PlaceOptions): Places {
  const proxied =
    destination ?? [...folders, process.cwd()].map((folder) => join(folder, 'mlartifacts')).find((folder) => existsSync(folder));
  const beside = [...folders, ...folders.map((folder) => join(folder, 'mlruns')), join(process.cwd(), 'mlruns')];
  const named = [...allowed, ...Object.values(moved), ...(proxied === undefined ? [] : [proxied])];
  const roots = [...beside, ...named].filter((root) => toPath(root) !== null).map((root) => realOf(toPath(root) ?? root));

  const move = (uri: string): string => {
    const beginning = Object.keys(moved)
      .filter((from) => uri === from || uri.startsWith(from.endsWith('/') ? from : `${from}/`))
      .toSorted((a, b) => b.length - a.length)[0];
    return beginning === undefined ? uri : `${moved[beginning] ?? ''}${uri.slice(beginning.length)}`;
  };

  const local = (path: string): FilePlace => {
    const folder = isAbsolute(path)
      ? path
      : (beside.map((root) => resolve(root, '..', path)).find((one) => existsSync(one)) ?? resolve(path));
    const found = existsSync(folder) ? folder : (tailOf(folder, beside) ?? folder);
    const real = realOf(found);
    if (roots.some((root) => isWithin(root, real))) return { kind: 'local', folder: found };
    return {
      kind: 'refused',
      problem: `${found} lies outside of the store; allow it with --allow DIR, or tell where it is now with --moved OLD=NEW`,
    };
  };

  return {
    find(given) {
      const uri = move(given);
      if (!PROXY.test(uri)) {
        const path = toPath(uri);
        return path === null ? { kind: 'remote', uri } : local(path);
      }
      const rest = uri.replace(PROXY, '');
      if (proxied === undefined)
        return {
          kind: 'refused',
          problem: 'its files are behind a server of artifacts; name the folder of that server with --artifacts-destination',
        };
      const root = toPath(proxied);
      return root === null ? { kind: 'remote', uri: `${proxied.replace(/\/+$/, '')}/${rest}` } : local(join(root, rest));
    },
  };
}

/** The path that a URI of this machine means; null for any other URI. */
export function toPath(uri: string): string | null {
  if (/^file:/i.test(uri)) {
    try {
      return fileURLToPath(/^file:\/\//i.test(uri) ? uri : `file://${uri.slice('file:'.length)}`);
    } catch {
      return null;
    }
  }
  // One letter is a drive of Windows.
  return /^[a-z][a-z0-9+.-]+:/i.test(uri) ? null : uri;
}

/** A store that was moved as a whole: its last folders, looked for where it is now. */
function tailOf(folder: string, roots: readonly string[]): string | undefined {
  const tail = /[^/\\]+[/\\](?:models[/\\])?[^/\\]+[/\\]artifacts$/.exec(folder)?.[0];
  return tail === undefined ? undefined : roots.map((root) => join(root, tail)).find((path) => existsSync(path));
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

export function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
