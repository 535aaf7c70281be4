import { access, constants, open, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';

interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Interpreters {
  readonly python: string | null;
  readonly node: string | null;
}

const PYTHON = /^(?:python|pypy)[0-9.]*$/;
const NODE = /^(?:node|nodejs|npm|npx|pnpm|yarn|tsx)$/;
/** Programs that choose the interpreter of the project's own environment. */
const PYTHON_RUNNERS = new Set(['uv', 'poetry', 'pdm', 'pipenv', 'pixi', 'rye', 'hatch']);
const PYTHON_FILES = /^(?:uv|poetry|pdm)\.lock$|^Pipfile\.lock$|^pylock\.toml$|^requirements\.|^conda-lock|^environment\.|^pixi\.lock$/;
const MOST_FOLDERS = 8;
const FIRST_BYTES = 256;

/**
 * The interpreters that a command runs on: the program it names, or the one that its script's first line names; behind a shell, those that the words of its script name. A project
 * with a Python lock file is taken to run on Python where nothing else tells.
 */
export async function findInterpreters(command: Command, lockFiles: readonly string[]): Promise<Interpreters> {
  const [program = '', ...rest] = command.argv;
  const words = [program, ...(/^(?:ba|da|z|k)?sh$|^env$|^nice$|^time(?:out)?$|^nohup$/.test(basename(program)) ? rest : [])];
  let python: string | null = null;
  let node: string | null = null;
  for (const word of words.flatMap((text) => text.split(/[\s;&|()"'`]+/))) {
    if (word === '' || word.startsWith('-') || word.includes('=')) continue;
    const name = basename(word);
    if (PYTHON.test(name)) python ??= await findProgram(word, command);
    else if (NODE.test(name)) node ??= await findProgram('node', command);
    else if (PYTHON_RUNNERS.has(name)) python ??= await findOfProject(command);
  }
  if (python !== null || node !== null) return { python, node };
  const script = await readFirstLine(await findProgram(program, command));
  const named = /^#!\s*(\S+)(?:\s+(?:-S\s+)?(\S+))?/.exec(script);
  for (const word of [named?.[1], named?.[2]]) {
    if (word === undefined) continue;
    if (PYTHON.test(basename(word))) return { python: await findProgram(word, command), node: null };
    if (NODE.test(basename(word))) return { python: null, node: await findProgram(word, command) };
  }
  return { python: lockFiles.some((path) => PYTHON_FILES.test(basename(path))) ? await findOfProject(command) : null, node: null };
}

/** The Python that a project runs on where nothing names one; null when there is none. */
export function findProjectPython(command: Omit<Command, 'argv'>): Promise<string | null> {
  return findOfProject({ argv: [], ...command });
}

/** A program of this name on the PATH; null when there is none. */
export function findOnPath(name: string, command: Omit<Command, 'argv'>): Promise<string | null> {
  return findProgram(name, { argv: [], ...command });
}

/** That of the active environment, of a `.venv` above the working folder, or the first on the PATH. */
async function findOfProject(command: Command): Promise<string | null> {
  const active = command.env['VIRTUAL_ENV'] ?? command.env['CONDA_PREFIX'];
  const places = active === undefined || active === '' ? [] : [active];
  for (let folder = command.cwd, depth = 0; depth < MOST_FOLDERS; folder = dirname(folder), depth += 1) places.push(join(folder, '.venv'));
  for (const place of places) {
    const program = join(place, 'bin', 'python');
    if (await isProgram(program)) return program;
  }
  return (await findProgram('python3', command)) ?? findProgram('python', command);
}

async function findProgram(name: string, { cwd, env }: Command): Promise<string | null> {
  if (name === '') return null;
  if (name.includes('/')) {
    const path = isAbsolute(name) ? name : resolve(cwd, name);
    return (await isProgram(path)) ? path : null;
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = resolve(cwd, folder, name);
    if (folder !== '' && (await isProgram(path))) return path;
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function readFirstLine(path: string | null): Promise<string> {
  if (path === null) return '';
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_BYTES), 0, FIRST_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead).split('\n')[0] ?? '';
  } catch {
    return '';
  } finally {
    await file.close();
  }
}
