import { fault, isFault, localBackoff, toBackoffMs, failuresOf, toCacheKeyParts, toCacheKeyText } from '@pawl/core';
import type {
  Blobs,
  Clock,
  Database,
  Digest,
  Executor,
  Folders,
  Hash,
  Ids,
  Log,
  Metric,
  PipelineRun,
  PipelineStep,
  PythonPlan,
  Pythons,
  Random,
  RunningCommand,
  Task,
  TaskEvent,
  Usage,
  Writers,
} from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import type { DatasetService } from '../dataset/service.ts';
import { linkInputs } from '../recording/link.ts';
import { recordEnvironment } from '../recording/step-environment.ts';
import type { StepEnvironmentPorts } from '../recording/step-environment.ts';
import { StepUsage } from '../recording/step-usage.ts';
import type { StepUsagePorts } from '../recording/step-usage.ts';
import { digestCode, placeInput, requireAcceptedInputs, resolveInputs } from './inputs.ts';
import type { ResolvedInput } from './inputs.ts';
import { describeFailure } from './failure.ts';
import { LogBuffer } from './log-buffer.ts';
import { moveTask } from './move.ts';
import { readEnding } from './ending.ts';
import { collectOutputs, reuseOutputs, toOutputPath, toRunInputs } from './outputs.ts';
import type { CollectedOutputs } from './outputs.ts';
import { codeOf, planPython, toKeyEnvironment, toLimits, toProgram, toPythonEnv } from './program.ts';
import { toStepEnv } from './step-env.ts';
import type { StepSurroundings } from './step-env.ts';

export interface AttemptPorts extends StepUsagePorts, StepEnvironmentPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly folders: Folders;
  readonly executor: Executor;
  readonly pythons: Pythons;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  readonly random: Random;
  readonly log: Log;
  readonly datasets: DatasetService;
  /** Enters the cache keys: results of another Node or of other dependencies are not taken over. */
  readonly environment: Readonly<Record<string, string>>;
  readonly surroundings: StepSurroundings;
}

export const ACTOR = 'system:worker';

/** One claim of one task, from its inputs to its end. Everything slow happens before the one transaction that ends it, which the claim's fence guards. */
export class Attempt {
  readonly task: Task;
  readonly #ports: AttemptPorts;
  readonly #inFlight: Map<Digest, Promise<void>>;
  readonly #lines: LogBuffer;
  readonly #usage: StepUsage;
  #used: Usage | undefined;
  #surroundings: Promise<void> = Promise.resolve();
  #command: RunningCommand | undefined;
  #stopGraceMs: number | undefined;
  #placed = false;

  /** @param inFlight what this worker computes now, by cache key: a second task with an equal key waits and takes the result */
  constructor(ports: AttemptPorts, task: Task, inFlight: Map<Digest, Promise<void>>) {
    this.task = task;
    this.#ports = ports;
    this.#inFlight = inFlight;
    this.#lines = new LogBuffer(ports.database, task);
    this.#usage = new StepUsage(ports, task);
  }

  /** What is still written of it after its end, and holds up nobody. */
  get aftermath(): Promise<void> {
    return this.#surroundings;
  }

  async flushLogs(): Promise<void> {
    await this.#lines.flush();
    await this.#usage.flush();
  }

  /** Ends the command, if one runs: SIGTERM, and SIGKILL after the grace. The task is given back, unless it is somebody else's by now. */
  stop(graceMs: number): void {
    this.#stopGraceMs ??= graceMs;
    this.#command?.stop(graceMs);
  }

  /** Runs the task to its end. Throws only what kept its end from being written: then the lease runs out and the task is somebody's again. */
  async run(): Promise<void> {
    const { database } = this.#ports;
    const run = await database.read.pipelines.run(this.task.run);
    const step = run?.spec.steps.find((one) => one.name === this.task.step);
    if (run === undefined || step === undefined) throw fault('task_not_found', { run: this.task.run, step: this.task.step });
    const key: { digest: Digest | null } = { digest: null };
    try {
      await this.#perform(run, step, key);
    } catch (error) {
      await this.#lines.flush();
      if (this.#asked() === undefined) await this.#fail(step, key.digest, this.#tell(error), !isFault(error) || error.kind !== 'user');
      else await this.#end({ type: 'release', fence: this.task.fence });
    } finally {
      // Beside what follows: nobody waits for a folder to go.
      if (this.#placed) this.#surroundings = Promise.all([this.#surroundings, this.#clean()]).then(() => undefined);
    }
  }

  async #perform(run: PipelineRun, step: PipelineStep, key: { digest: Digest | null }): Promise<void> {
    const { database, blobs, hash, datasets, folders } = this.#ports;
    const tasks = await database.read.tasks.byRun(run.id);
    await requireAcceptedInputs(datasets, run, step, tasks);
    const inputs = await resolveInputs(this.#ports, run, step, tasks);
    const { inherited } = this.#ports.surroundings;
    const python = await planPython(this.#ports.pythons, step, run.root, inherited);
    // What runs however the others ended is told how they did, which is in no key.
    if (!step.cache || step.always === true) return this.#execute(run, step, inputs, key, python);

    const paths = codeOf(step);
    const code = await digestCode({ folders, hash }, run.root, paths);
    const contents = Object.fromEntries(inputs.map(({ port, content }) => [port, content]));
    const text = toCacheKeyText(
      toCacheKeyParts(step, {
        code,
        environment: { ...this.#ports.environment, ...toKeyEnvironment(python) },
        params: run.params,
        inputs: contents,
        ...itemOf(this.task),
      }),
    );
    // Under its own digest, so that what went into a key can be read back from the key.
    const digest = hash(text);
    if (!(await blobs.has(digest))) await blobs.put(new TextEncoder().encode(text));
    key.digest = digest;
    for (let other = this.#inFlight.get(digest); other !== undefined; other = this.#inFlight.get(digest)) await other;
    const found = run.options.noCache === true || run.options.from === step.name ? undefined : await database.read.tasks.cached(digest);
    const isFresh = found !== undefined && found.endedAt > this.#ports.clock.now() - (step.cacheMs ?? Infinity);
    const reused = isFresh && (await reuseOutputs(this.#ports, this.task, step, found.outputs));
    if (reused !== undefined && reused !== false)
      return this.#commit(step, inputs, reused, (outputs) => ({ type: 'hit', fence: this.task.fence, cacheKey: digest, outputs }));

    const done = Promise.withResolvers<void>();
    this.#inFlight.set(digest, done.promise);
    try {
      await this.#execute(run, step, inputs, key, python, async () => {
        // Code that was edited while it ran: nobody knows which text made the result, so it is kept for this run only.
        const after = await digestCode({ folders, hash }, run.root, paths);
        if (after.toSorted().join() !== code.toSorted().join()) key.digest = null;
      });
    } finally {
      this.#inFlight.delete(digest);
      done.resolve();
    }
  }

  async #execute(
    run: PipelineRun,
    step: PipelineStep,
    inputs: readonly ResolvedInput[],
    key: { readonly digest: Digest | null },
    python: PythonPlan | null,
    checkCode?: () => Promise<void>,
  ): Promise<void> {
    const { database, folders, executor, pythons, surroundings, clock } = this.#ports;
    const scratch = scratchName(this.task, this.task.fence);
    this.#placed = true;
    const placed: Record<string, { path: string; ref: ResolvedInput['ref'] }> = {};
    for (const input of inputs)
      placed[input.port] = {
        path: await placeInput(this.#ports, input, await folders.scratch(`${scratch}/in/${input.port}`)),
        ref: input.ref,
      };
    const outputs: Record<string, string> = {};
    for (const [port, output] of Object.entries(step.outputs))
      outputs[port] = toOutputPath(folders, await folders.scratch(`${scratch}/out/${port}`), output);
    const experiment = (await database.read.runs.get(run.id))?.experiment ?? 0;
    const interpreter = python && (await pythons.ensure(python, (text) => this.#lines.add({ time: clock.now(), stream: 'stderr', text })));
    const ending = step.always === true ? await readEnding(database.read.tasks, run) : undefined;
    const contract = toStepEnv(surroundings, run, this.task, step, {
      experiment,
      inputs: placed,
      outputs,
      ...(ending === undefined ? {} : { ending }),
    });
    const env = { ...contract, ...toPythonEnv(python, interpreter, contract['PATH'] ?? '') };
    const program = toProgram(folders, run, this.task, step, { inputs: placed, outputs }, interpreter);

    const hidden = await readSecrets(surroundings, step);
    this.#lines.conceal(Object.values(hidden));
    if (this.#asked() !== undefined) throw new Error('stopped before the command was started');
    const command = await executor.start(
      { command: program, cwd: run.root, env: { ...env, ...hidden }, timeoutMs: step.timeoutMs, limits: toLimits(step) },
      (line) => this.#lines.add(line),
      (sample) => this.#usage.add(sample),
    );
    this.#command = command;
    // Asked to stop while the process was being made.
    const asked = this.#asked();
    if (asked !== undefined) command.stop(asked);
    this.#surroundings = recordEnvironment(this.#ports, {
      run: run.id,
      step: step.name,
      argv: typeof program === 'string' ? ['sh', '-c', program] : [program.interpreter],
      cwd: run.root,
      env,
    });
    const outcome = await command.done;
    this.#command = undefined;
    this.#used = outcome.usage;
    await this.#lines.end();
    await this.#usage.flush();
    if (!(outcome.exitCode === 0 && !outcome.timedOut)) {
      if (this.#asked() !== undefined) throw new Error('stopped');
      const failure = describeFailure(step, outcome, this.#lines.lastError);
      return this.#fail(step, key.digest, failure.message, failure.retryable);
    }
    await checkCode?.();
    const collected = await collectOutputs(this.#ports, run, this.task, step, outputs, ACTOR);
    await this.#commit(step, inputs, collected, (left) => ({
      type: 'succeed',
      fence: this.task.fence,
      cacheKey: key.digest,
      outputs: left,
    }));
  }

  /** The transaction that makes a result one: rows of outputs and datasets, metrics, the task's end and all that follows from it. */
  async #commit(
    step: PipelineStep,
    inputs: readonly ResolvedInput[],
    collected: CollectedOutputs,
    toEnd: (outputs: Task['outputs']) => TaskEvent,
  ): Promise<void> {
    const { clock } = this.#ports;
    const { run } = this.task;
    await this.#transact(async (tx) => {
      // First whether the task is still ours: an older claim's versions and metrics must not be left behind.
      const stored = await tx.tasks.get(this.task.id);
      if (stored?.fence !== this.task.fence) return;
      // Canceled just before it ended well: nothing of it is kept.
      if (stored.state !== 'running')
        return void (await moveTask(tx, this.#ports, stored.id, { type: 'release', fence: stored.fence }, ACTOR));
      const outputs = await collected.commit(tx);
      const time = clock.now();
      const metrics = collected.metrics.map(({ name, value, step: at }): Metric => ({ run, key: name, value, step: at, time }));
      const artifacts = collected.artifacts.map((artifact) => ({ run, ...artifact }));
      await linkInputs(tx, run, toRunInputs(inputs));
      await tx.runs.record(run, { metrics, artifacts });
      if (this.#used !== undefined) await this.#usage.end(tx, this.#used);
      await moveTask(tx, this.#ports, this.task.id, toEnd(outputs), ACTOR);
    });
    this.#ports.log.debug({ run, step: step.name, task: this.task.id }, 'a step ended well');
  }

  async #fail(step: PipelineStep, cacheKey: Digest | null, error: string, retryable: boolean): Promise<void> {
    const { clock, random, log } = this.#ports;
    const retryAt = retryable ? clock.now() + toBackoffMs(failuresOf(this.task), random.next(), step.backoff ?? localBackoff) : null;
    await this.#end({ type: 'fail', fence: this.task.fence, error, cacheKey, retries: step.retries, retryAt });
    log.info({ run: this.task.run, step: step.name, attempt: this.task.attempt, problem: error }, 'an attempt of a step failed');
  }

  async #end(event: TaskEvent): Promise<void> {
    await this.#transact(async (tx) => {
      const moved = await moveTask(tx, this.#ports, this.task.id, event, ACTOR);
      if (moved !== undefined && this.#used !== undefined) await this.#usage.end(tx, this.#used);
    });
  }

  #transact(work: (tx: Writers) => Promise<void>): Promise<void> {
    return retryOnConflict(`Task ${this.task.id}`, () => this.#ports.database.transaction(work));
  }

  /** The grace in ms with which a stop was asked for. */
  #asked(): number | undefined {
    return this.#stopGraceMs;
  }

  #tell(error: unknown): string {
    if (isFault(error) && error.kind !== 'bug') return error.message;
    this.#ports.log.error({ err: error, task: this.task.id, run: this.task.run, step: this.task.step }, 'an attempt broke');
    return fault('internal', { reference: this.task.id }).message;
  }

  /** Removes the scratch folder, and that of the claim before, which a worker that died may have left. */
  async #clean(): Promise<void> {
    const { folders, log } = this.#ports;
    for (const fence of [this.task.fence, this.task.fence - 1]) {
      if (fence < 1) continue;
      try {
        await folders.remove(await folders.scratch(scratchName(this.task, fence)));
      } catch (error) {
        log.warn({ err: error, task: this.task.id }, 'a scratch folder could not be removed');
      }
    }
  }
}

function itemOf({ index, item }: Task): { readonly item?: Task['item'] } {
  return index === null ? {} : { item };
}

/** The secrets of a step by variable. Throws `secret_missing`. */
async function readSecrets({ secret }: StepSurroundings, step: PipelineStep): Promise<Readonly<Record<string, string>>> {
  const values: Record<string, string> = {};
  for (const [variable, name] of Object.entries(step.secrets ?? {})) {
    const value = await secret?.(name);
    if (value === undefined) throw fault('secret_missing', { step: step.name, name });
    values[variable] = value;
  }
  return values;
}

function scratchName(task: Task, fence: number): string {
  return `task-${task.id}-${fence}`;
}
