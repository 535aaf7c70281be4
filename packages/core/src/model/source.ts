import { fault } from '../fault/fault.ts';

const RELATIVE =
  'If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.';
const LOCAL =
  'To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.';

/** What MLflow's clients send as the source of a prompt's version, which has no files. */
const PROMPT_SOURCES: ReadonlySet<string> = new Set(['dummy-source', 'prompt-template']);

/**
 * Refuses a source that could lead anywhere but where it says: `..` or NUL in any encoding, a relative path, no path at all; and a path of this machine
 * unless it lies in one of `roots` (artifact roots of the run or logged model named along). Throws `model_source_invalid`.
 */
export function checkModelSource(source: string, roots: readonly string[]): void {
  const plain = decode(source);
  const path = pathOf(plain);
  const relative =
    plain.includes('\0') ||
    plain.split(/[/\\]/).includes('..') ||
    !path.startsWith('/') ||
    path
      .replaceAll(/\/+/g, '/')
      .replace(/(?<=.)\/$/, '')
      .split('/')
      .slice(1)
      .some((part) => part === '.' || part === '');
  if (isLocal(plain)) {
    const inside = !relative && roots.some((root) => isLocal(root) && contains(pathOf(decode(root)), path));
    if (!inside) throw fault('model_source_invalid', { source, problem: LOCAL });
    return;
  }
  if (relative) throw fault('model_source_invalid', { source, problem: RELATIVE });
}

/** Throws `model_source_invalid` unless it is the placeholder of a prompt, which has no files. */
export function checkPromptSource(source: string): void {
  if (!PROMPT_SOURCES.has(source))
    throw fault('model_source_invalid', { source, problem: 'Prompt sources must use an MLflow placeholder.' });
}

/** Percent escapes and plus signs undone until nothing changes: what is decoded once more later must not become another path. */
function decode(source: string): string {
  for (let text = source; ;) {
    const next = text.replaceAll('+', ' ').replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
      try {
        return decodeURIComponent(escaped);
      } catch {
        return escaped;
      }
    });
    if (next === text) return text;
    text = next;
  }
}

function schemeOf(source: string): string {
  return /^([a-z][a-z0-9+.-]*):/i.exec(source)?.[1]?.toLowerCase() ?? '';
}

function isLocal(source: string): boolean {
  const scheme = schemeOf(source);
  // One letter is a drive of Windows.
  return scheme.length <= 1 || scheme === 'file';
}

function pathOf(source: string): string {
  const scheme = schemeOf(source);
  const rest = scheme === '' ? source : source.slice(scheme.length + 1);
  const beyondHost = rest.startsWith('//') ? rest.slice(2).replace(/^[^/?#]*/, '') : rest;
  return beyondHost.replace(/[?#].*$/s, '');
}

function contains(root: string, path: string): boolean {
  const base = root.replace(/\/+$/, '');
  return path === base || path.startsWith(`${base}/`);
}
