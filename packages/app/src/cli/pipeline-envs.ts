import type { Command } from 'commander';
import type { Context } from './context.ts';
import { formatBytes, formatTime, plural } from './format.ts';
import { addPageOptions, pageOf, toLength } from './options.ts';
import type { PageOptions } from './options.ts';

const SHOWN = 4;

/** `pawl pipeline envs`: the Python environments that steps share. */
export function addPipelineEnvs(pipeline: Command, context: Context): void {
  addPageOptions(pipeline.command('envs').description('List the Python environments of steps; with --prune, remove those long unused'))
    .option('--prune <length>', 'remove what no step has begun with for so long, such as 30d', toLength)
    .action(async ({ prune, ...options }: PageOptions & { readonly prune?: number }) => {
      const client = await context.client();
      if (prune !== undefined) {
        const answer = await client.pipeline.pruneEnvironments({ unused_ms: prune });
        const bytes = answer.removed.reduce((sum, one) => sum + one.bytes, 0);
        return context.answer(answer, () => `${plural(answer.removed.length, 'environment')} removed (${formatBytes(bytes)})`);
      }
      context.table(
        await client.pipeline.environments(pageOf(options)),
        [
          { title: 'ENVIRONMENT', value: (one) => one.digest.slice('sha256:'.length, 'sha256:'.length + 12) },
          { title: 'PYTHON', value: (one) => one.version },
          { title: 'SIZE', value: (one) => formatBytes(one.bytes), align: 'right' },
          { title: 'USED', value: (one) => formatTime(one.used_at) },
          { title: 'REQUIREMENTS', value: ({ requirements }) => toShort(requirements) },
        ],
        'No environment yet: a step makes one when it says "python:".',
      );
    });
}

function toShort(requirements: readonly string[]): string {
  const more = requirements.length - SHOWN;
  return `${requirements.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
