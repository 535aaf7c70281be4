/** Step `evaluate`: input MODEL (an MLflow model directory) on input EVALUATION (Parquet, joined) to output METRICS. The file that will serve is the file that is judged. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readExamples } from './examples.ts';
import { scoresOf } from './scores.ts';
import { runOnnx } from './session.ts';
import { inputPath, outputPath, runStep, StepError, writeMetrics } from './step.ts';

await runStep(async () => {
  const path = join(inputPath('MODEL'), 'model.onnx');
  if (!existsSync(path)) throw new StepError(`${path} does not exist; the model's folder must hold model.onnx.`);
  const examples = await readExamples(inputPath('EVALUATION'));
  const { spam } = await runOnnx(path, examples).catch((error: unknown) => {
    throw new StepError(`${path} cannot be run: ${String(error instanceof Error ? error.message : error).split('\n')[0]}`);
  });
  const scores = scoresOf(spam, examples.spam);
  writeMetrics(outputPath('METRICS'), { ...scores });
  console.log(
    `${scores.n} mails: F1 ${scores.f1.toFixed(3)}, false-positive rate ${(100 * scores.false_positive_rate).toFixed(1)} %, accuracy ${(100 * scores.accuracy).toFixed(1)} %`,
  );
});
