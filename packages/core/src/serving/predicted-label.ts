import type { PredictionRecord } from './types.ts';

/** The class a prediction decided, from its `label` output. */
export function predictedLabel(prediction: { readonly outputs: PredictionRecord['outputs'] }): boolean {
  const label = prediction.outputs['label'];
  return label === true || label === 1;
}
