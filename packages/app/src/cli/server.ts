import { Option } from 'commander';
import type { Command } from 'commander';
import { loadConfig, toEnvironmentName } from '../config/load.ts';
import { configSchema } from '../config/schema.ts';

/** `pawl server`: an option for each setting, named and described by its schema. It prints a line for people, so that a script can wait for it. */
export function addServerCommand(server: Command): void {
  for (const [name, field] of Object.entries(configSchema.shape)) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const unset = configSchema.shape[name as keyof typeof configSchema.shape].safeParse(undefined).data;
    const value = unset === undefined ? '' : `default: ${Array.isArray(unset) ? unset.join(',') : String(unset)}, `;
    server.addOption(new Option(`--${flag} <value>`, `${field.description ?? name} (${value}${toEnvironmentName(name)})`));
  }
  server.action(async (flags: Readonly<Record<string, unknown>>) => {
    const config = loadConfig(flags);
    const { runServer } = await import('../server-command.ts');
    await runServer(config);
  });
}
