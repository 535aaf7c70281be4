import { operational, user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface PipelineFaults {
  pipeline_not_found: { name: string };
  pipeline_run_not_found: { id: string };
  task_not_found: { run: string; step: string };
  pipeline_invalid: { name: string; problem: string };
  run_not_pausable: { id: string; state: string };
  step_not_asking: { run: string; step: string; state: string };
  step_unknown: { pipeline: string; step: string; known: readonly string[] };
  result_gone: { run: string; step: string; output: string };
  run_not_retryable: { id: string; state: string };
  secret_missing: { step: string; name: string };
  command_not_started: { command: string; reason: string };
  environment_invalid: { problem: string };
  environment_failed: { problem: string };
  worker_died: { interpreter: string };
  output_missing: { step: string; output: string; variable: string };
  output_invalid: { step: string; output: string; problem: string };
  parameter_unknown: { pipeline: string; parameter: string; known: readonly string[] };
  expression_failed: { expression: string; column: number; problem: string };
  parameter_invalid: { parameter: string; problem: string };
  parameter_missing: { pipeline: string; missing: readonly string[] };
  pin_unknown: { pipeline: string; dataset: string; known: readonly string[] };
}

export const pipelineFaults: FaultDefinitions<PipelineFaults> = {
  pipeline_not_found: user(
    (d) => `There is no pipeline "${d.name}"; apply the project that declares it, or list them with "pawl pipeline list".`,
  ),
  pipeline_run_not_found: user((d) => `There is no pipeline run ${d.id}; list them with "pawl pipeline runs".`),
  task_not_found: user((d) => `Pipeline run ${d.run} has no step "${d.step}".`),
  pipeline_invalid: user((d) => `Pipeline "${d.name}": ${d.problem}`),
  run_not_retryable: user((d) => `Pipeline run ${d.id} is ${d.state}; only a failed or canceled run can be retried.`),
  run_not_pausable: user((d) => `Pipeline run ${d.id} is ${d.state}; only one that runs can be paused, and only a paused one goes on.`),
  step_not_asking: user(
    (d) => `Step "${d.step}" of run ${d.run} is ${d.state} and asks nobody; "pawl pipeline show ${d.run}" tells which steps do.`,
  ),
  step_unknown: user((d) => `Pipeline "${d.pipeline}" has no step "${d.step}"; it has ${d.known.slice(0, 50).join(', ')}.`),
  result_gone: user(
    (d) => `Output "${d.output}" of step "${d.step}" in run ${d.run} is not stored any more; rerun from that step, or the whole pipeline.`,
  ),
  secret_missing: user(
    (d) =>
      `Step "${d.step}" needs the secret "${d.name}", which the server does not have; put it into the file "secrets/${d.name}" of its home, or into the variable PAWL_STEP_SECRET_${d.name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}.`,
  ),
  command_not_started: operational((d) => `The command "${d.command}" could not be started: ${d.reason}.`),
  environment_invalid: user((d) => `The Python environment cannot be made: ${d.problem}`),
  environment_failed: operational((d) => `The Python environment could not be made: ${d.problem}`),
  worker_died: operational(
    (d) =>
      `The warm Python worker (${d.interpreter}) died while the step ran in it, and took the step along; another is started for the next.`,
  ),
  output_missing: user((d) => `Step "${d.step}" ended well but did not write its declared output "${d.output}" (${d.variable}).`),
  output_invalid: user((d) => `Output "${d.output}" of step "${d.step}" cannot be taken: ${d.problem}.`),
  parameter_unknown: user((d) => `Pipeline "${d.pipeline}" has no parameter "${d.parameter}"; it has ${d.known.join(', ') || 'none'}.`),
  expression_failed: user((d) => `The expression ${JSON.stringify(d.expression.slice(0, 200))}, character ${d.column}: ${d.problem}.`),
  parameter_invalid: user((d) => `Parameter "${d.parameter}": ${d.problem}.`),
  parameter_missing: user((d) => `Pipeline "${d.pipeline}" needs a value for ${d.missing.join(', ')}; give it by -p NAME=VALUE.`),
  pin_unknown: user(
    (d) =>
      `Pipeline "${d.pipeline}" reads no dataset "${d.dataset}", so its version cannot be pinned; it reads ${d.known.join(', ') || 'none'}.`,
  ),
};
