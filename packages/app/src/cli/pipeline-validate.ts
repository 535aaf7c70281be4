import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { Failed, UsageError } from './exit.ts';
import { plural } from './format.ts';
import { withoutControls } from './text.ts';

const MAX_FILE_BYTES = 1024 * 1024;

/** `pawl pipeline validate`: all that is wrong with files, without a server. */
export function addPipelineValidate(pipeline: Command, context: Context): void {
  pipeline
    .command('validate')
    .description('Check files of pipelines without a server; exit code 1 when one has a mistake')
    .argument('<file...>')
    .action(async (paths: readonly string[]) => {
      const { validatePipelineText } = await import('../project/validate-pipeline.ts');
      const files: { file: string; problems: readonly { line: number; column: number; problem: string }[] }[] = [];
      for (const path of paths) {
        const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw new UsageError(`${path} cannot be read: ${error.code === 'ENOENT' ? 'it does not exist' : (error.code ?? error.message)}.`);
        });
        if (text.length > MAX_FILE_BYTES) throw new UsageError(`${path} is longer than ${MAX_FILE_BYTES} bytes.`);
        files.push({ file: path, problems: validatePipelineText(text) });
      }
      const count = files.reduce((sum, { problems }) => sum + problems.length, 0);
      context.answer({ files }, () =>
        files
          .flatMap(({ file, problems }) =>
            problems.length === 0
              ? [`${file}: nothing is wrong`]
              : problems.map(({ line, column, problem }) => `${file}:${line}:${column}: ${withoutControls(problem)}`),
          )
          .concat(count === 0 ? [] : [`${plural(count, 'problem')} found`])
          .join('\n'),
      );
      if (count > 0) throw new Failed();
    });
}
