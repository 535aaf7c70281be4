import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface ExperimentFaults {
  /** `folder`: there is a folder of that name. */
  experiment_not_found: { name: string; folder?: string };
  experiment_exists: { name: string };
  experiment_deleted: { id: number };
  experiment_ambiguous: { name: string; numbers: readonly number[] };
  folder_invalid: { folder: string; problem: string };
  folder_not_found: { folder: string };
  experiment_tag_not_found: { experiment: number; key: string };
  run_not_found: { id: string };
  run_ended: { id: string; status: string };
  run_deleted: { id: string };
  run_tag_not_found: { run: string; key: string };
  run_param_changed: { run: string; key: string; old: string; value: string };
  run_params_changed: { run: string; changes: string };
  record_invalid: { problem: string };
}

/** Wording that MLflow's clients look for is kept. */
export const experimentFaults: FaultDefinitions<ExperimentFaults> = {
  experiment_not_found: user((d) =>
    d.folder === undefined
      ? `There is no experiment "${d.name}"; list them with "pawl experiment list".`
      : `"${d.name}" is no experiment but a folder: write it "${d.folder}/", or look for runs in it with --folder ${d.folder}.`,
  ),
  experiment_exists: user((d) => `Experiment(name=${d.name}) already exists.`),
  experiment_deleted: user((d) => `The experiment ${d.id} must be in the 'active' state. Current state is deleted.`),
  experiment_ambiguous: user((d) => `"${d.name}" may be any of the experiments ${d.numbers.join(', ')}; name one by its number.`),
  folder_invalid: user((d) => `"${d.folder}" cannot be a folder of experiments: ${d.problem}`),
  folder_not_found: user((d) => `There is no experiment in a folder "${d.folder}"; list folders with "pawl experiment list --tree".`),
  experiment_tag_not_found: user((d) => `No tag with name: ${d.key} in experiment with id ${d.experiment}`),
  run_not_found: user((d) => `There is no run ${d.id}; list them with "pawl run list".`),
  run_ended: user((d) => `Run ${d.id} has ended (${d.status}) and takes no more records.`),
  run_deleted: user((d) => `The run ${d.id} must be in the 'active' state. Current state is deleted.`),
  run_tag_not_found: user((d) => `No tag with name: ${d.key} in run with id ${d.run}`),
  run_param_changed: user(
    (d) =>
      `Changing param values is not allowed. Param with key='${d.key}' was already logged with value='${d.old}' for run ID='${d.run}'. Attempted logging new value '${d.value}'.`,
  ),
  run_params_changed: user((d) => `Changing param values is not allowed. Params were already logged='${d.changes}' for run ID='${d.run}'.`),
  record_invalid: user((d) => d.problem),
};
