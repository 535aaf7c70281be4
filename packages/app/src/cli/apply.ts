import type { Command } from 'commander';
import type { Context } from './context.ts';
import { plural } from './format.ts';
import { toTable } from './table.ts';
import type { Style } from './text.ts';

export function addApplyCommand(apply: Command, context: Context): void {
  apply
    .option('-f, --file <path>', 'the project', 'pawl.yaml')
    .option('--dry-run', 'only say what would change')
    .action(async ({ file, dryRun }: { file: string; dryRun?: boolean }) => {
      const { loadProject } = await import('../project/load.ts');
      const project = (await loadProject(file)) as unknown as Project;
      const answer = await (await context.client()).project.apply({ project, dry_run: dryRun === true }, { signal: context.signal });
      context.answer(answer, () => {
        const { changes } = answer;
        const changed = changes.filter((one) => one.change !== 'unchanged').length;
        const summary =
          changed === 0
            ? 'Nothing to change'
            : dryRun === true
              ? `${plural(changed, 'change')} to make`
              : `${plural(changed, 'change')} made`;
        if (changes.length === 0) return `${project.name}: the project declares nothing`;
        return `${toTable(changes, COLUMNS, context.look)}\n${project.name}: ${summary}`;
      });
    });
}

/** The files as they are written: they were checked by the very schemas that the server parses them with. */
type Project = Parameters<Awaited<ReturnType<Context['client']>>['project']['apply']>[0]['project'];

const STYLES: Readonly<Record<string, Style>> = { created: 'good', changed: 'warn', unchanged: 'dim' };

const COLUMNS = [
  { title: 'CHANGE', value: (one: { change: string }) => one.change, style: (one: { change: string }) => STYLES[one.change] },
  { title: 'NOUN', value: (one: { noun: string }) => one.noun },
  { title: 'NAME', value: (one: { name: string }) => one.name },
];
