// `npm test`: every gate and every test. `npm test -- lint unit` runs those stages, `npm test -- unit gate/` the unit tests under a path with "gate/".
// All stages run even when one fails, so that one run shows everything; the last lines are those of node:test, for both sets of tests together.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type EmbeddedPostgres } from '../test/support/embedded-postgres.ts';
import { closingLines, type Counts } from './counts.ts';
import { ensurePython } from './python.ts';
import { complaint, readCounts, stages, type Stage } from './stages.ts';

const started = Date.now();
const scratch = mkdtempSync(join(tmpdir(), 'pawl-test-'));
process.chdir(join(import.meta.dirname, '..'));

const words = process.argv.slice(2);
const known = stages(scratch, []).map((stage) => stage.name);
const chosen = words.filter((word) => known.includes(word));
const filter = words.filter((word) => !known.includes(word));
const plan = stages(scratch, filter).filter((stage) =>
  chosen.length === 0 ? filter.length === 0 || stage.tests : chosen.includes(stage.name),
);

let running: ChildProcess | undefined;
let interrupted: 'SIGINT' | 'SIGTERM' | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = signal;
    running?.kill(signal);
  });
}

// Installing takes a minute or two the first time: it goes on beside the stages before the tests that use it.
const areas = new Set(plan.flatMap((stage) => stage.tests?.files ?? []).flatMap((path) => /^test\/([^/]+)\//.exec(path)?.[1] ?? []));
const pythons = Array.from(areas)
  .filter((area) => existsSync(join('test', area, 'requirements.txt')))
  .map(providePython);
let postgres: EmbeddedPostgres | undefined;
const failures: string[] = [];
const counted: Counts[] = [];
try {
  for (const stage of plan) {
    if (interrupted !== undefined) break;
    const failure = await perform(stage);
    if (failure !== undefined) failures.push(`${stage.name}: ${failure}`);
  }
} finally {
  await postgres?.stop();
  rmSync(scratch, { recursive: true, force: true });
}

if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join('\n')}`);
if (counted.length > 0) console.log(`\n${closingLines(counted, Date.now() - started)}`);
if (interrupted !== undefined) process.exit(128 + constants.signals[interrupted]);
process.exitCode = failures.length > 0 ? 1 : 0;

/** Runs a stage and says in a line how it went; returns what failed. */
async function perform(stage: Stage): Promise<string | undefined> {
  const begun = Date.now();
  let failure: string | undefined;
  if (stage.tests?.files.length === 0) {
    // With a filter, the other set may well have nothing that matches.
    failure = filter.length > 0 && plan.length > 1 ? undefined : 'no test file found';
  } else {
    failure =
      (stage.name === 'integration'
        ? ((await Promise.all(pythons)).find((problem) => problem !== undefined) ?? (await providePostgres()))
        : undefined) ?? (await run(stage));
    if (stage.tests !== undefined) {
      const counts = readCounts(stage.tests.countsPath);
      if (counts !== undefined) counted.push(counts);
      // Its own account first: a run that hung or could not start leaves no counts.
      failure = counts === undefined ? (failure ?? complaint(counts)) : (complaint(counts) ?? failure);
    }
  }
  console.log(
    `${failure === undefined ? '✔' : '✖'} ${stage.name} (${((Date.now() - begun) / 1000).toFixed(1)} s)${failure === undefined ? '' : `: ${failure}`}`,
  );
  return failure;
}

/** Starts the server that integration tests share, unless one is named already; returns why it could not. */
async function providePostgres(): Promise<string | undefined> {
  if (process.env['PAWL_TEST_POSTGRES_URL']) return undefined;
  try {
    postgres = await startPostgres();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  process.env['PAWL_TEST_POSTGRES_URL'] = postgres.url;
  return undefined;
}

/** Makes the environment that MLflow's client runs in; returns why it could not. */
async function providePython(area: string): Promise<string | undefined> {
  try {
    await ensurePython(area);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return undefined;
}

/** A tool is quiet unless it fails; tests show what they do. */
async function run(stage: Stage): Promise<string | undefined> {
  const [command, ...args] = stage.command;
  const stream = stage.tests === undefined ? 'pipe' : 'inherit';
  // The tools write colours whenever CI is set, into log files too: they decide by the terminal alone when it is not.
  const { CI: _, ...env } = process.env;
  // A hundred test files and the programs they start load the same modules: each is stripped and compiled once.
  const forTests = { NODE_COMPILE_CACHE: join(process.cwd(), '.cache', 'compile'), ...process.env };
  const child = spawn(command, args, { stdio: ['ignore', stream, stream], env: stage.tests === undefined ? env : forTests });
  running = child;
  const output: Buffer[] = [];
  for (const source of [child.stdout, child.stderr]) source?.on('data', (chunk: Buffer) => output.push(chunk));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, stage.limit * 1000);
  try {
    return await new Promise<string | undefined>((done) => {
      child.once('error', (error) => done(`could not start ${command}: ${error.message}`));
      child.once('close', (code, signal) => {
        if (code !== 0) process.stdout.write(Buffer.concat(output));
        if (late) done(`did not end within ${stage.limit} s`);
        else done(code === 0 ? undefined : `ended with ${code === null ? signal : `code ${code}`}`);
      });
    });
  } finally {
    clearTimeout(timer);
    running = undefined;
  }
}
