/**
 * Step `train`: input TRAINING (Parquet with all columns of the model and `spam`) to outputs MODEL (an MLflow model directory) and METRICS.
 * The newest quarter of the rows chooses the threshold and shows whether more steps still help; then the filter is fitted on all rows.
 * Parameters: STEPS of gradient descent (default 200); SHUFFLE_LABELS=true gives every mail the label of another and so, on purpose, a worthless model; SEED picks which.
 */
import { createHash } from 'node:crypto';
import { ACTIVITY } from './features.ts';
import { readExamples } from './examples.ts';
import { chooseThreshold, fitFilter, logLoss, predict, type Examples } from './learn.ts';
import { writeModel } from './model.ts';
import { scoresOf } from './scores.ts';
import { flagParameter, inputPath, numberParameter, outputPath, runStep, StepError, writeMetrics, type MetricPoint } from './step.ts';

const MIN_PER_CLASS = 20;

await runStep(async () => {
  const steps = Math.round(numberParameter('STEPS', 200, [8, 5000]));
  const seed = numberParameter('SEED', 1, [0, Number.MAX_SAFE_INTEGER]);
  const shuffled = flagParameter('SHUFFLE_LABELS');
  const path = inputPath('TRAINING');
  const read = await readExamples(path);
  const examples = shuffled ? { ...read, spam: shuffle(read.spam, seed) } : read;
  const spam = examples.spam.filter(Boolean).length;
  if (Math.min(spam, examples.spam.length - spam) < MIN_PER_CLASS) {
    throw new StepError(
      `${path} holds ${spam} spam and ${examples.spam.length - spam} good mails; at least ${MIN_PER_CLASS} of each are needed.`,
    );
  }
  const logged = examples.columns.map((name) => (ACTIVITY as readonly string[]).includes(name));
  const cut = Math.floor(examples.rows.length * 0.75);
  const [older, newer] = [slice(examples, 0, cut), slice(examples, cut, examples.rows.length)];
  const points: MetricPoint[] = [];
  // The library starts from zero each time, so a shorter training is exactly an earlier moment of a longer one.
  for (const step of [steps / 8, steps / 4, steps / 2].map(Math.round)) points.push(...losses(older, newer, logged, step).points);
  const last = losses(older, newer, logged, steps);
  points.push(...last.points);
  const threshold = chooseThreshold(last.held, newer.spam);
  const filter = fitFilter(examples, logged, steps);
  writeModel(outputPath('MODEL'), filter, threshold);
  const held = scoresOf(
    last.held.map((p) => p > threshold),
    newer.spam,
  );
  const summary = {
    rows: examples.rows.length,
    spam_share: spam / examples.rows.length,
    threshold,
    held_f1: held.f1,
    held_false_positive_rate: held.false_positive_rate,
  };
  points.push(...Object.entries(summary).map(([name, value]) => ({ name, value, step: steps })));
  writeMetrics(outputPath('METRICS'), points);
  console.log(
    `${examples.rows.length} mails (${spam} spam${shuffled ? ', labels shuffled on purpose' : ''}), threshold ${threshold}, held-out F1 ${held.f1.toFixed(3)}`,
  );
});

function losses(older: Examples, newer: Examples, logged: readonly boolean[], step: number): { points: MetricPoint[]; held: number[] } {
  const filter = fitFilter(older, logged, step);
  const held = predict(filter, newer.rows);
  const points = [
    { name: 'train_log_loss', value: logLoss(predict(filter, older.rows), older.spam), step },
    { name: 'held_log_loss', value: logLoss(held, newer.spam), step },
  ];
  return { points, held };
}

function slice({ columns, rows, spam }: Examples, from: number, to: number): Examples {
  return { columns, rows: rows.slice(from, to), spam: spam.slice(from, to) };
}

/**
 * A permutation fixed by the seed: rows take the labels in the order of a hash of their place. Random labels give random weights, so a few seeds
 * are right by luck; a demonstration of a bad model fixes a seed that is not.
 */
function shuffle(spam: readonly boolean[], seed: number): boolean[] {
  const key = (i: number): string => createHash('sha256').update(`${seed}:${i}`).digest('hex');
  const keyed = spam.map((label, i) => ({ label, at: key(i) }));
  return keyed.sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ label }) => label);
}
