import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface LoggedModelFaults {
  logged_model_not_found: { id: string };
  logged_model_tag_not_found: { id: string; key: string };
  logged_model_param_changed: { id: string; key: string; old: string; given: string };
}

export const loggedModelFaults: FaultDefinitions<LoggedModelFaults> = {
  logged_model_not_found: user((d) => `There is no logged model ${d.id}.`),
  logged_model_tag_not_found: user((d) => `Logged model ${d.id} has no tag "${d.key}".`),
  logged_model_param_changed: user(
    (d) =>
      `Changing param values is not allowed. Param with key='${d.key}' was already logged with value='${d.old}' for model ID='${d.id}'. Attempted logging new value '${d.given}'.`,
  ),
};
