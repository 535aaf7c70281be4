import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface ArtifactFaults {
  artifact_not_found: { path: string };
  artifact_is_folder: { path: string };
  artifact_under_file: { path: string; file: string };
  artifact_read_only: { path: string };
  artifact_location_invalid: { location: string; problem: string };
  upload_not_found: { id: string };
  upload_incomplete: { id: string; problem: string };
}

export const artifactFaults: FaultDefinitions<ArtifactFaults> = {
  artifact_not_found: user((d) => `There is no artifact at "${d.path}".`),
  artifact_is_folder: user((d) => `"${d.path}" is a folder of artifacts, not a file; list it, and name a file in it.`),
  artifact_under_file: user((d) => `"${d.path}" cannot be stored: "${d.file}" is a file, not a folder.`),
  artifact_read_only: user((d) => `"${d.path}" belongs to a registered model package, which does not change; register another version.`),
  artifact_location_invalid: user((d) => `The artifact location ${JSON.stringify(d.location)} cannot be used: ${d.problem}`),
  upload_not_found: user((d) => `There is no upload ${d.id} under way; start it again.`),
  upload_incomplete: user((d) => `Upload ${d.id} cannot be completed: ${d.problem}`),
};
