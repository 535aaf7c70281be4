// Plain JavaScript for Node 20 and later: this file must load on whatever Node the machine has.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

/** The oldest major version that runs TypeScript as it is and holds `node:sqlite`. */
const OLDEST = 24;

export const TOO_OLD = `Pawl needs Node ${OLDEST} or newer and this is ${process.versions.node}. Run "npm ci" in the project (it brings Node ${OLDEST} along), or install Node ${OLDEST}.`;

/** Young objects get at most three times 4 MB instead of 16: an idle server holds 40 MB less, and a busy one collects more often, each time less. */
export const SERVER_FLAGS = ['--max-semi-space-size=4'];

export function isNewEnough() {
  return Number.parseInt(process.versions.node, 10) >= OLDEST;
}

/**
 * The Node that npm installed as an optional dependency for this platform.
 * @param {string | URL} from a file or file URL from which packages are resolved
 * @returns {string | undefined} absolute path of the executable
 */
export function findNode(from) {
  const require = createRequire(from);
  const platform = `${process.platform}-${process.arch}`;
  for (const name of [`node-${platform}`, `node-bin-${platform}`]) {
    try {
      const path = join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
      if (existsSync(path)) return path;
    } catch {
      // Not installed under this name: the next one, or none.
    }
  }
  return undefined;
}

/**
 * Runs a script under `node` in place of this process: same streams and folder, signals passed on, and its exit code or signal becomes ours.
 * @param {string} node path of the executable
 * @param {readonly string[]} args script and arguments
 * @param {NodeJS.ProcessEnv} [env] environment; ours when absent
 */
export function become(node, args, env) {
  const child = spawn(node, args, { stdio: 'inherit', ...(env === undefined ? {} : { env }) });
  // A terminal sends Ctrl-C to both processes by itself: there, one of ours would be a second one.
  const forward = ['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGINT'];
  for (const signal of forward) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    });
  }
  child.once('error', (error) => {
    console.error(`Could not start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}
