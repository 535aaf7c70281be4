import type { Command } from 'commander';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { ofModel, ofPrediction } from './lineage-tree.ts';
import { toRefParts } from './options.ts';
import { toTree } from './tree.ts';

export function addLineageCommand(lineage: Command, context: Context): void {
  lineage.argument('<prediction>', 'id of a prediction, or model:version').action(async (text: string) => {
    const client = await context.client();
    const { name, version } = toRefParts(text);
    if (version === undefined) {
      const answer = await client.lineage.prediction({ prediction: text });
      return context.answer(answer, () => toTree(ofPrediction(answer)));
    }
    if (!/^[1-9][0-9]{0,8}$/.test(version))
      throw new UsageError(`"${text}" names neither a prediction nor a model version: use an id, or name:number.`);
    const answer = await client.lineage.model({ model: name, version: Number(version) });
    context.answer(answer, () => toTree(ofModel(answer)));
  });
}
