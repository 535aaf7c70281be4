import { execFile } from 'node:child_process';
import type { PythonEnvironment } from '@pawl/core';

type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 20_000;
const MOST_TEXT = 8 * 1024 * 1024;

/** As `pip freeze` has it: version by name, and for what came from a repository or a folder, from where. Names are normalised as PEP 503 wants it. */
const LIST_PACKAGES = `
import importlib.metadata as m, json, platform, re, sys
found = {}
for d in m.distributions():
    name = d.metadata["Name"]
    if not name: continue
    version = d.version or ""
    try:
        origin = json.loads(d.read_text("direct_url.json") or "{}")
        vcs = origin.get("vcs_info") or {}
        url = re.sub(r"//[^@/]*@", "//", origin.get("url") or "")
        if url: version += " @ " + (vcs.get("vcs", "") + "+" if vcs else "") + url + ("@" + vcs["commit_id"] if vcs.get("commit_id") else "")
    except Exception:
        pass
    found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
json.dump({"version": platform.python_version(), "implementation": platform.python_implementation(), "packages": dict(sorted(found.items()))}, sys.stdout)
`;

/** What is installed for a Python; null when it does not answer. */
export async function readPython(python: string, cwd: string, env: Environment): Promise<PythonEnvironment | null> {
  // Isolated: a file json.py in the working folder is not the one meant.
  const text = await ask(python, ['-I', '-c', LIST_PACKAGES], cwd, env);
  try {
    return text === null ? null : (JSON.parse(text) as PythonEnvironment);
  } catch {
    return null;
  }
}

/** The version of a Node. */
export async function readNode(node: string, cwd: string, env: Environment): Promise<string | null> {
  return /^v(\d+\.\d+\.\d+\S*)/.exec((await ask(node, ['--version'], cwd, env)) ?? '')?.[1] ?? null;
}

function ask(program: string, args: readonly string[], cwd: string, env: Environment): Promise<string | null> {
  return new Promise((done) => {
    execFile(program, args, { cwd, env: { ...env }, timeout: TIMEOUT_MS, maxBuffer: MOST_TEXT, encoding: 'utf8' }, (error, text) =>
      done(error === null ? text : null),
    );
  });
}
