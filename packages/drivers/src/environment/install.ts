import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@pawl/core';
import { toReason } from '../fs/reason.ts';
import { createGroup } from '../process/group.ts';
import { createLineSplitter } from '../process/lines.ts';

export interface InstallOptions {
  readonly interpreter: string;
  readonly folder: string;
  readonly requirements: string;
  readonly env: Readonly<Record<string, string>>;
  /** Path of uv; null: Python's own venv and pip are used. */
  readonly uv: string | null;
  readonly onLine: (text: string) => void;
}

const KEPT_LINES = 40;
const TOLD_LINES = 3;

/** Makes a virtual environment in a folder and gives its interpreter. Throws `environment_invalid`, `environment_failed`. */
export async function install({ interpreter, folder, requirements, env, uv, onLine }: InstallOptions): Promise<string> {
  const python = join(folder, 'bin', 'python');
  // Without a pip of its own, which takes seconds to copy: that of the interpreter installs into it.
  const pip = uv === null && requirements !== '' ? await findPip(interpreter, folder, env) : [];
  const making =
    uv !== null
      ? [uv, 'venv', '--quiet', '--python', interpreter, folder]
      : [interpreter, '-m', 'venv', ...(pip[0] === python ? [] : ['--without-pip']), folder];
  const made = await run(making, env, onLine);
  if (made.code !== 0) throw fault('environment_failed', { problem: tellEnd(made.lines) });
  if (requirements === '') return python;
  const list = 'requirements.txt';
  // Told by its name alone: the installer says it in every line, and where the home lies is nobody's business.
  await writeFile(join(folder, list), `${requirements}\n`);
  const installing =
    uv === null
      ? [...pip, 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off', '--requirement', list]
      : [uv, 'pip', 'install', '--python', python, '--requirement', list];
  const ended = await run(installing, env, onLine, folder);
  if (ended.code === 0) return python;
  throw isOutside(ended.lines)
    ? fault('environment_failed', { problem: tellEnd(ended.lines) })
    : fault('environment_invalid', { problem: tellRefusal(ended.lines, requirements) });
}

/** How to call pip for a folder: an interpreter's own where it can install elsewhere (since pip 22.3), else the one that is to be in the environment. */
async function findPip(interpreter: string, folder: string, env: InstallOptions['env']): Promise<readonly string[]> {
  const python = join(folder, 'bin', 'python');
  const asked = await run([interpreter, '-m', 'pip', '--version'], env, () => undefined);
  const [, major = 0, minor = 0] = /^pip (\d+)\.(\d+)/.exec(asked.lines.at(-1) ?? '') ?? [];
  const recent = asked.code === 0 && (Number(major) > 22 || (Number(major) === 22 && Number(minor) >= 3));
  return recent ? [interpreter, '-m', 'pip', '--python', python] : [python, '-m', 'pip'];
}

interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
}

async function run(
  [program = '', ...args]: readonly string[],
  env: InstallOptions['env'],
  onLine: (text: string) => void,
  cwd = '/',
): Promise<Ended> {
  const lines: string[] = [];
  const take = createLineSplitter((text) => {
    if (text.trim() === '') return;
    onLine(text);
    lines.push(text.trim());
    if (lines.length > KEPT_LINES) lines.shift();
  });
  try {
    const child = spawn(program, args, { cwd, env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(child, 'close');
    closed.catch(() => undefined);
    child.stdout.on('data', (chunk: Buffer) => take.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => take.push(chunk));
    await once(child, 'spawn');
    // So that it ends when this process does.
    const group = createGroup(child.pid ?? 0);
    const [code] = (await closed) as [number | null];
    group.stop(0);
    await group.gone();
    take.end();
    return { code, lines };
  } catch (error) {
    return { code: null, lines: [`${program} cannot be started: ${toReason(error)}`] };
  }
}

/** The network, the registry or the disk, rather than what is asked for. */
function isOutside(lines: readonly string[]): boolean {
  return lines.some((line) =>
    /No space left|Temporary failure in name resolution|Connection (?:refused|reset|aborted|timed out)|ConnectTimeout|ReadTimeout|Network is unreachable|Max retries exceeded|HTTP error 5\d\d|Failed to fetch|error sending request/i.test(
      line,
    ),
  );
}

/** Names the requirement that the refusal is about, then what the installer said last. */
function tellRefusal(lines: readonly string[], requirements: string): string {
  const text = lines.join('\n');
  const named =
    /No matching distribution found for (.+?)(?: \(|$)/m.exec(text)?.[1] ??
    /Could not find a version that satisfies the requirement (\S+)/.exec(text)?.[1] ??
    /Invalid requirement: '?([^'\n]+)'?/.exec(text)?.[1] ??
    /Because (?:there is no version of )?([^\s]+) (?:was not found|has no)/.exec(text)?.[1] ??
    /there is no version of (\S+)/.exec(text)?.[1];
  const asked =
    named === undefined ? undefined : requirements.split('\n').find((line) => line.toLowerCase().startsWith(named.toLowerCase()));
  const what = asked ?? named;
  return `${what === undefined ? 'something required' : `requirement "${what}"`} cannot be installed. ${tellEnd(lines)}`;
}

function tellEnd(lines: readonly string[]): string {
  const errors = lines.filter((line) => /^(?:ERROR|error)\b|^×/.test(line));
  const said = (errors.length > 0 ? errors : lines.filter((line) => !/^\[?notice|^WARNING|^hint:/.test(line))).slice(-TOLD_LINES);
  return said.length === 0 ? 'It said nothing.' : `It said: ${said.join(' / ').slice(0, 1000)}`;
}
