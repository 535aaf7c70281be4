import type { Command } from 'commander';
import type { Context } from './context.ts';
import { addDiffCommand } from './dataset/diff-command.ts';
import { addFileCommands } from './dataset/file-commands.ts';
import { addNameCommands } from './dataset/name-commands.ts';
import { addProfileCommand } from './dataset/profile-command.ts';
import { addUpkeepCommands } from './dataset/upkeep-commands.ts';
import { addVersionCommands } from './dataset/version-commands.ts';

export function addDatasetCommands(data: Command, context: Context): void {
  data.addHelpText(
    'after',
    '\nA version is named as name:3, name:tag, name:branch, or by the name alone: the newest of the main branch.\nWhat is remembered of a folder lies in PAWL_CACHE (default: ~/.cache/pawl); losing it costs one reading of its files.',
  );
  addFileCommands(data, context);
  addVersionCommands(data, context);
  addDiffCommand(data, context);
  addNameCommands(data, context);
  addProfileCommand(data, context);
  addUpkeepCommands(data, context);
}
