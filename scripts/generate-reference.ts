// Writes docs/reference/configuration.md from the settings' schema. `--check` writes nothing and fails when the file differs.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toEnvironmentName } from '../packages/app/src/config/load.ts';
import { configSchema } from '../packages/app/src/config/schema.ts';

const path = 'docs/reference/configuration.md';
const file = join(import.meta.dirname, '..', path);

const INTRODUCTION = `# Configuration

*Written by \`scripts/generate-reference.ts\` from \`packages/app/src/config/schema.ts\`; change the schema, not this file.*

A setting of \`pawl server\` comes from its flag, else from its environment variable, else it has its default. An empty variable says nothing. A value that is not valid
ends the command with exit code 2 and one line that names the flag or variable.

## The server

`;

const COMMANDS = `
## Every other command

| variable | meaning |
|---|---|
| \`PAWL_SERVER\` | Address of the server to talk to, when \`--server\` is not given. Default: \`http://127.0.0.1:5055\`. |
| \`PAWL_USER\` | Who acts, in the record of what a command changes. Default: the name of the account. |
| \`PAWL_MACHINE\` | Type of this machine in the price table, for \`pawl run exec\`, and for the steps that a server here runs. |
| \`PAWL_CACHE\` | Where commands keep what they can find out again, such as the digests of unchanged files. Default: \`pawl\` in \`XDG_CACHE_HOME\` or \`~/.cache\`. |
| \`PAWL_RUN_ID\`, \`PAWL_TASK_ID\` | Set by Pawl in a pipeline's step, and the first by \`pawl run exec\` too; \`pawl model register\`, \`pawl run log\` and \`pawl data checkout\` then belong to that run and task by themselves. |

A step's command inherits \`PATH\`, \`HOME\`, \`LANG\`, \`LC_ALL\`, \`TMPDIR\` and \`TZ\` of the server, and nothing else of its environment. What Pawl adds is in [the guide to pipelines](../guide/pipelines.md#the-contract-of-a-step).
`;

const rows = Object.entries(configSchema.shape).map(([name, field]) => {
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const unset = field.safeParse(undefined).data;
  const value = unset === undefined ? '–' : `\`${String(unset)}\``;
  return `| \`--${flag}\` | \`${toEnvironmentName(name)}\` | ${value} | ${field.description ?? ''} |`;
});
const text = `${INTRODUCTION}| flag | variable | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n${COMMANDS}`;

if (existsSync(file) && readFileSync(file, 'utf8') === text) console.log('The configuration reference is up to date.');
else if (process.argv.includes('--check')) {
  console.error(`${path} differs from the schema; run "node scripts/generate-reference.ts".`);
  process.exitCode = 1;
} else {
  writeFileSync(file, text);
  console.log(`Wrote ${path}`);
}
