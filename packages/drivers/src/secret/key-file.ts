import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fault } from '@pawl/core';
import { toErrorCode, toReadFault, toWriteFault } from '../fs/reason.ts';

const KEY = /^[0-9a-f]{64}$/;
const OWNER_ONLY = 0o600;

/** Keys of a file, one a line, the one that seals first; made with a new key when it is not there. Nobody else may read it. Throws `invalid_file`, `not_writable`. */
export function readKeyFile(path: string): readonly string[] {
  const text = readText(path) ?? makeFile(path);
  const keys = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (keys.length === 0 || !keys.every((key) => KEY.test(key)))
    throw fault('invalid_file', {
      file: path,
      problem: 'it must hold one key of 64 hex digits a line; make one with "openssl rand -hex 32".',
    });
  return keys;
}

function readText(path: string): string | undefined {
  try {
    chmodSync(path, OWNER_ONLY);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (toErrorCode(error) === 'ENOENT') return undefined;
    throw toReadFault(path, error);
  }
}

/** Written aside and linked: a kill leaves no half of a key, and of two that make it at once one does. */
function makeFile(path: string): string {
  const aside = `${path}.${randomUUID()}.part`;
  try {
    writeFileSync(aside, `${randomBytes(32).toString('hex')}\n`, { mode: OWNER_ONLY, flush: true });
    linkSync(aside, path);
  } catch (error) {
    if (toErrorCode(error) !== 'EEXIST') throw toWriteFault(path, error);
  } finally {
    rmSync(aside, { force: true });
  }
  return readFileSync(path, 'utf8');
}
