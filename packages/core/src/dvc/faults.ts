import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface DvcFaults {
  dvc_object_not_found: { name: string };
  dvc_object_mismatch: { name: string; found: string };
  dvc_object_collision: { name: string };
  dvc_tree_invalid: { name: string; problem: string };
  dvc_tree_incomplete: { name: string; missing: number; example: string };
}

export const dvcFaults: FaultDefinitions<DvcFaults> = {
  dvc_object_not_found: user((d) => `There is no DVC object ${d.name} here.`),
  dvc_object_mismatch: user(
    (d) => `What was sent as ${d.name} has the MD5 ${d.found}; it was damaged on its way, or cut off. Nothing was stored.`,
  ),
  dvc_object_collision: user(
    (d) => `${d.name} is stored already with other content: two contents share this MD5, which only an attack makes. Nothing was changed.`,
  ),
  dvc_tree_invalid: user((d) => `${d.name} is no list of a directory as DVC writes it: ${d.problem} Nothing was stored.`),
  dvc_tree_incomplete: user(
    (d) => `${d.missing} of the files that ${d.name} lists are not stored here (one is ${d.example}); push them before it.`,
  ),
};
