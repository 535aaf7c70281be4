import type { Command } from 'commander';
import type { Context } from './context.ts';
import { ofModel, ofPrediction } from './lineage-tree.ts';
import { toModelRef, toVersionNumber, VERSION_FORMS } from './model-ref.ts';
import { toTree } from './tree.ts';

export function addLineageCommand(lineage: Command, context: Context): void {
  lineage.argument('<prediction>', `id of a prediction, or of a model version: ${VERSION_FORMS}`).action(async (text: string) => {
    const client = await context.client();
    const { name, version } = toModelRef(text);
    if (version === undefined) {
      const answer = await client.lineage.prediction({ prediction: text });
      return context.answer(answer, () => toTree(ofPrediction(answer)));
    }
    const answer = await client.lineage.model({ model: name, version: await toVersionNumber(client, { name, version }) });
    context.answer(answer, () => toTree(ofModel(answer)));
  });
}
