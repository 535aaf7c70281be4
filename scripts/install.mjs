// Plain JavaScript for Node 20 and later, with no dependency: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes node_modules match package-lock.json; does nothing when it does already.
 * Two processes started at once take turns. On failure prints why and returns false.
 * @param {string} root the repository's folder
 * @returns {boolean}
 */
export function ensureInstalled(root) {
  if (isInstalled(root)) return true;
  const release = takeTurn(join(root, '.cache'), 'install.lock');
  try {
    return isInstalled(root) || install(root);
  } finally {
    release();
  }
}

const stampPath = (root) => join(root, 'node_modules', '.pawl-installed');
const lockPath = (root) => join(root, 'package-lock.json');
const digestOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** npm leaves what it installed in node_modules/.package-lock.json: compare that with what is wanted. */
function isInstalled(root) {
  const present = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (present === undefined) return false;
  const wanted = Object.entries(readPackages(lockPath(root)) ?? {}).filter(([path]) => path.includes('node_modules/'));
  if (wanted.every(([path, entry]) => isSatisfied(entry, present[path]))) return true;
  // An optional package can fail to install on this machine: what npm did for this very lock file is then all there is to get.
  return existsSync(stampPath(root)) && readFileSync(stampPath(root), 'utf8') === digestOf(lockPath(root));
}

function isSatisfied(wanted, present) {
  if (present !== undefined) return present.version === wanted.version;
  // Packages for another platform stay out; so do optional ones of no platform, which only those need.
  return (
    wanted.optional === true && !(wanted.os?.includes(process.platform) && fits(wanted.cpu, process.arch) && fits(wanted.libc, libc()))
  );
}

const fits = (allowed, value) => allowed === undefined || allowed.includes(value);

function libc() {
  process.report.excludeNetwork = true; // the report would resolve the names of every open connection
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function install(root) {
  // `npm ci` starts from nothing; over an existing folder `npm install` changes only what differs.
  const command = existsSync(join(root, 'node_modules')) ? 'install' : 'ci';
  const started = Date.now();
  process.stderr.write(`Installing the project's packages (npm ${command}; a minute or so the first time) … `);
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const args = [...npm.slice(1), command, '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync(npm[0], args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (result.error !== undefined || result.status !== 0) {
    const why = result.error?.message ?? `${result.stdout}${result.stderr}`.trim();
    process.stderr.write(`failed.\n${why}\nThe packages could not be installed: see npm's words above, then run the same command again.\n`);
    return false;
  }
  writeFileSync(stampPath(root), digestOf(lockPath(root)));
  process.stderr.write(`done in ${((Date.now() - started) / 1000).toFixed(0)} s.\n`);
  return true;
}

/** Holds a lock file that names this process; one left by a process that is gone is taken over. */
function takeTurn(folder, name) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  for (let turns = 0; ; turns += 1) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!holderLives(path)) rmSync(path, { force: true });
    else if (turns === 0) process.stderr.write('Another command is installing the packages: waiting for it.\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function holderLives(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8') || process.pid), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
