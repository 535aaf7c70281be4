import { hostname } from 'node:os';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { RecordingOpen } from '@pawl/client';
import type { CodeState } from '@pawl/core';
import { actorName, currentRun, machineType, stepContext, wholeEnvironment } from '../config/environment.ts';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { addPair, toRefParts, toWhole } from './options.ts';
import type { Outbox } from './recording/outbox.ts';

interface ExecOptions {
  readonly experiment?: string;
  readonly name?: string;
  readonly param?: Readonly<Record<string, string>>;
  readonly tag?: Readonly<Record<string, string>>;
  readonly dataset: readonly string[];
  readonly machine?: string;
  readonly lease: number;
  readonly wait: number;
}

/** How long the command waits for its start while the code is looked at, or the server tried; then it begins without. */
const CODE_WAIT_MS = 3000;
const SERVER_WAIT_MS = 2000;

/** `pawl run exec`: a command as it would run without, and a record of it. */
export function addRunExec(run: Command, context: Context): void {
  run
    .command('exec')
    .description('Run a command and record it: code, environment, console, use of the machine, result')
    .argument('<command...>', 'after --, such as: pawl run exec -- python train.py --lr 0.1')
    .option('--experiment <name>', 'made when it is not there (default: Default)')
    .option('--name <text>', 'of the run; one is invented when absent')
    .option('-p, --param <name=value>', 'parameter; repeat for more', addPair)
    .option('-t, --tag <name=value>', 'tag; repeat for more', addPair)
    .option(
      '--dataset <[role=]name[:version]>',
      'dataset version that the command reads; repeat for more',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option('--machine <type>', 'type of this machine in the price table (default: PAWL_MACHINE)')
    .option('--lease <seconds>', 'silence after which the run counts as killed', toWhole, 60)
    .option('--wait <seconds>', 'time after the end for what is not sent yet', toWhole, 30)
    .action((argv: readonly string[], options: ExecOptions) => execute(context, argv, options));

  run
    .command('send')
    .description('Send the records of commands that ended while the server was away')
    .argument('[file]', 'one of them (default: all that wait)')
    .action(async (file: string | undefined) => {
      const { listUnsent, sendUnsent } = await import('./recording/unsent.ts');
      const client = await context.client();
      const runs: string[] = [];
      for (const path of file === undefined ? await listUnsent() : [file]) runs.push(await sendUnsent(client, path));
      context.answer({ runs }, () => (runs.length === 0 ? 'Nothing waits to be sent.' : runs.map((id) => `Sent run ${id}`).join('\n')));
    });
}

async function execute(context: Context, argv: readonly string[], options: ExecOptions): Promise<void> {
  const { createMask, toEnvName } = await import('@pawl/core');
  const drivers = await import('@pawl/drivers/command');
  const { createOutbox, toWireUsage } = await import('./recording/outbox.ts');
  const { NotStarted, startChild, toExitCode } = await import('./recording/child.ts');
  const { tellCode, tellEnvironment } = await import('./recording/surroundings.ts');

  const surroundings = wholeEnvironment();
  const mask = createMask(surroundings);
  const clock = drivers.createSystemClock();
  const id = drivers.createIds(clock, drivers.createSystemRandom()).next();
  const inputs = options.dataset.map(toInput);
  const code = await within(CODE_WAIT_MS, drivers.createGitInspector().inspect(process.cwd()));
  const leaseMs = options.lease * 1000;
  const outbox = createOutbox({
    client: await context.client(),
    mask,
    leaseMs,
    warn: (text) => void process.stderr.write(`pawl: ${text}\n`),
    open: {
      run: id,
      experiment: options.experiment ?? 'Default',
      name: options.name ?? '',
      params: options.param ?? {},
      tags: { ...toTags(argv, code, mask), ...options.tag },
      inputs,
      started_at: new Date(clock.now()).toISOString(),
      command: mask(argv.map(quote).join(' ')).slice(0, 10_000),
      host: hostname(),
      machine: options.machine ?? machineType() ?? null,
      lease_ms: leaseMs,
    },
  });
  const begun = await begin(outbox);
  if (code !== null) {
    const { facts, blobs } = tellCode(code);
    outbox.tell(facts, blobs);
  }

  const env: Record<string, string | undefined> = { PYTHONUNBUFFERED: '1', ...surroundings };
  delete env['PAWL_TASK_ID'];
  Object.assign(env, { PAWL_RUN_ID: id, PAWL_SERVER: context.server, MLFLOW_TRACKING_URI: context.server, MLFLOW_RUN_ID: id });
  if (begun !== undefined) env['MLFLOW_EXPERIMENT_ID'] = String(begun.experiment);
  for (const { role, ref } of begun?.inputs ?? inputs) env[`PAWL_INPUT_${toEnvName(role)}_REF`] = ref;
  for (const [name, value] of Object.entries(options.param ?? {})) env[`PAWL_PARAM_${toEnvName(name)}`] = value;

  outbox.start();
  try {
    const child = await startChild({ argv, env, onLine: (line) => outbox.waiting.addLine(line) });
    const inspected = drivers
      .createEnvironmentInspector()
      .inspect({ argv, cwd: process.cwd(), env })
      .then((found) => {
        const { facts, blobs } = tellEnvironment(found);
        outbox.tell(facts, blobs);
      })
      .catch(() => undefined);
    const sampler = drivers.createSampler({
      pid: child.pid,
      clock,
      machine: drivers.createMachine(),
      env,
      onSample: (sample) => {
        outbox.waiting.addSample(sample);
        outbox.tell({ usage: toWireUsage(sample.usage) });
      },
    });
    const ended = await child.ended;
    const at = clock.now();
    sampler.stop();
    process.exitCode = toExitCode(ended);
    await inspected;
    outbox.tell({ usage: toWireUsage(sampler.usage()) });
    await close(outbox, { at, ...ended }, options.wait);
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    process.stderr.write(`pawl: ${error.message}\n`);
    process.exitCode = error.exitCode;
    await close(outbox, { at: clock.now(), exitCode: error.exitCode, signal: null, stopped: false }, options.wait);
  }
  if (process.stderr.isTTY) process.stderr.write(`pawl: this was run ${id}; "pawl run show ${id}" shows it\n`);
  // Signals are listened to, and a connection may be kept: neither is to hold up what waits for the end.
  process.exit();
}

/** Begins the run at the server. What the server refuses is refused before anything starts; one that is away holds up nothing. */
async function begin(outbox: Outbox): Promise<RecordingOpen | undefined> {
  const { isPassing } = await import('./recording/outbox.ts');
  const { setTimeout: pause } = await import('node:timers/promises');
  for (const until = performance.now() + SERVER_WAIT_MS; ; await pause(250)) {
    try {
      return await outbox.begin();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (performance.now() > until) return undefined;
    }
  }
}

async function close(
  outbox: Outbox,
  end: { readonly at: number; readonly exitCode: number | null; readonly signal: string | null; readonly stopped: boolean },
  waitSeconds: number,
): Promise<void> {
  const { at, exitCode, signal, stopped } = end;
  const unsent = await outbox.close(
    { at: new Date(at).toISOString(), exit_code: exitCode, signal, stopped, step: outbox.waiting.samples },
    waitSeconds * 1000,
  );
  if (unsent === undefined) return;
  const { keepUnsent } = await import('./recording/unsent.ts');
  const told = await keepUnsent(unsent).then(
    (path) => `the record of run ${unsent.run} waits in ${path}; "pawl run send" sends it`,
    (error: unknown) => `the record of run ${unsent.run} is lost: ${(error as Error).message}`,
  );
  process.stderr.write(`pawl: the server did not come back; ${told}\n`);
}

/** `training=mail:3`, or `mail:3` for a role of that name, as with the inputs of a step. */
function toInput(text: string): { readonly role: string; readonly ref: string } {
  const at = text.indexOf('=');
  const ref = text.slice(at + 1);
  const { name } = toRefParts(ref);
  const role = at === -1 ? name : text.slice(0, at);
  if (name === '' || role === '')
    throw new UsageError(`--dataset ${text} names no dataset: write NAME, NAME:VERSION or ROLE=NAME:VERSION.`);
  return { role, ref };
}

/** By the names that MLflow's clients and its browser application know. */
function toTags(argv: readonly string[], code: CodeState | null, mask: (text: string) => string): Readonly<Record<string, string>> {
  const script = argv.find((word) => /\.(?:py|ipynb|js|mjs|cjs|ts|sh|R|jl)$/.test(word)) ?? argv[0] ?? '';
  const parent = currentRun();
  const step = stepContext();
  return {
    'mlflow.user': actorName().replace(/^user:/, ''),
    'mlflow.source.name': mask(basename(script)),
    'mlflow.source.type': 'LOCAL',
    ...(code === null ? {} : { 'mlflow.source.git.commit': code.commit }),
    ...(code === null || code.branch === null ? {} : { 'mlflow.source.git.branch': code.branch }),
    ...(parent === undefined ? {} : { 'mlflow.parentRunId': parent }),
    ...(step === undefined ? {} : { 'pawl.task': step.task }),
  };
}

/** As one would type it in a shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([work.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
