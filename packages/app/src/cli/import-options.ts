import { Option } from 'commander';

export type ConflictPolicy = 'fail' | 'skip' | 'update';

/** What every import takes. */
export function conflictOption(usual: ConflictPolicy): Option {
  return new Option('--on-conflict <what>', 'what is done about a record that is there and differs')
    .choices(['fail', 'skip', 'update'])
    .default(usual);
}
