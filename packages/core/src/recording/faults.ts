import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface RecordingFaults {
  recording_not_found: { run: string };
  run_id_taken: { run: string };
  log_source_not_found: { run: string; source: string; known: readonly string[] };
}

export const recordingFaults: FaultDefinitions<RecordingFaults> = {
  recording_not_found: user((d) => `No command of run ${d.run} is recorded here; "pawl run exec" records one.`),
  run_id_taken: user((d) => `There is a run ${d.run} already, which was not begun by this command; begin one with another id.`),
  log_source_not_found: user(
    (d) => `Run ${d.run} has no log of "${d.source}"; ${d.known.length === 0 ? 'it has none at all' : `it has ${d.known.join(', ')}`}.`,
  ),
};
