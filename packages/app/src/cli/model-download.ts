import type { Command } from 'commander';
import type { Context } from './context.ts';
import { formatBytes, plural } from './format.ts';
import { toVersionRef, VERSION_FORMS } from './model-ref.ts';
import { toWay } from './dataset/place.ts';
import type { Way } from './dataset/place.ts';

interface DownloadOptions {
  readonly force?: true;
  readonly via?: Way;
}

export function addModelDownloadCommand(model: Command, context: Context): void {
  model
    .command('download')
    .description('Put the files of a version into a folder, verified, all of them or none')
    .argument('<version>', VERSION_FORMS)
    .argument('<folder>', 'made when it is not there')
    .option('--force', 'replace the model that is in the folder')
    .option('--via <way>', 'disk (where the server is on this machine) or http (default: disk where it can)', toWay)
    .action(async (text: string, folder: string, { force, via }: DownloadOptions) => {
      const { name, version: which } = toVersionRef(text);
      const client = await context.client();
      const version = await client.model.version({ model: name, version: which });
      const { downloadPackage } = await import('./model-package.ts');
      const done = await downloadPackage(context, client, version, folder, {
        force: force === true,
        ...(via === undefined ? {} : { via }),
      });
      context.answer(
        { model: version.model, version: version.version, stage: version.stage, package: version.package, path: folder, ...done },
        () => `${version.model}:${version.version} is in ${folder}: ${plural(done.files, 'file')}, ${formatBytes(done.bytes)}, verified`,
      );
    });
}
