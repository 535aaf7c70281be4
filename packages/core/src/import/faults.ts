import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface ImportFaults {
  import_source_invalid: { source: string; problem: string };
  archive_invalid: { place: string; problem: string };
}

export const importFaults: FaultDefinitions<ImportFaults> = {
  import_source_invalid: user((d) => `${d.source} cannot be imported: ${d.problem}`),
  archive_invalid: user((d) => `The archive ${d.place} cannot be used: ${d.problem}`),
};
