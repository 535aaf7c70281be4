import type { PredictionRecord } from './types.ts';

/** The class a prediction decided; records that do not tell it are read by their `label` output. */
export function predictedLabel(prediction: Pick<PredictionRecord, 'decided' | 'outputs'>): boolean {
  const label = prediction.outputs['label'];
  return prediction.decided ?? (label === true || label === 1);
}
