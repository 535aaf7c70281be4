import type { Command } from 'commander';
import type { Context } from './context.ts';
import { toMoment, toNatural, toTruth } from './options.ts';

export function addLabelCommand(label: Command, context: Context): void {
  label
    .argument('<endpoint>')
    .argument('<prediction>', 'id of the prediction')
    .argument('<truth>', 'true or false', toTruth)
    .option('--row <number>', 'row within the request (default: 0)', toNatural)
    .option('--time <time>', 'when the truth was known; the newest wins (default: now)', toMoment)
    .action(async (endpoint: string, prediction: string, value: boolean, { row, time }: { row?: number; time?: string }) => {
      const labels = [{ prediction_id: prediction, row, value, time: time ?? new Date().toISOString() }];
      const answer = await (await context.client()).label.add({ endpoint, labels });
      context.answer(answer, () => `Prediction ${prediction} is labelled ${value}`);
    });
}
