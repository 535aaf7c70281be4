/** The three steps as the pipeline runs them: child processes, environment in, files and an exit code out. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readExamples } from './examples.ts';
import { ACTIVITY, FEATURES } from './features.ts';
import { loadCorpus } from './corpus.ts';
import { toInboxEntry, writeInbox } from './inbox.ts';
import { writeParquet, readParquet, type Cell, type Column } from './table.ts';

const UNTIL = Date.UTC(2002, 7, 1);
let root = '';
const at = (...parts: string[]): string => join(root, ...parts);

function run(step: string, variables: Record<string, string>): { code: number | null; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, `${step}.ts`)], {
    env: variables,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, error: stderr };
}

function extract(to: string, more: Record<string, string> = {}): ReturnType<typeof run> {
  return run('extract', {
    PAWL_INPUT_MAIL: at('mail'),
    PAWL_OUTPUT_TRAIN: at(to, 'train.parquet'),
    PAWL_OUTPUT_EVAL: at(to, 'eval.parquet'),
    PAWL_OUTPUT_HISTORY: at(to, 'history.parquet'),
    ...more,
  });
}

function train(to: string, more: Record<string, string> = {}): ReturnType<typeof run> {
  return run('train', {
    PAWL_INPUT_TRAINING: at('train-joined.parquet'),
    PAWL_OUTPUT_MODEL: at(to, 'model'),
    PAWL_OUTPUT_METRICS: at(to, 'metrics.json'),
    ...more,
  });
}

function evaluate(model: string): ReturnType<typeof run> {
  return run('evaluate', {
    PAWL_INPUT_MODEL: model,
    PAWL_INPUT_EVALUATION: at('eval-joined.parquet'),
    PAWL_OUTPUT_METRICS: at('scores.json'),
  });
}

/** The join of the feature view, with counts of zero: what it adds is tested where it is made. */
async function join0(from: string, to: string): Promise<void> {
  const table = await readParquet(from);
  const numeric = ['received_at', ...FEATURES, 'spam'];
  const values = numeric.map((name) => table.numbers(name));
  const columns: Column[] = [...numeric, ...ACTIVITY].map((name) => ({ name, type: 'DOUBLE' }));
  const rows = Array.from({ length: table.rowCount }, (_, i): Cell[] => [
    ...values.map((column) => column[i] ?? 0),
    ...ACTIVITY.map(() => 0),
  ]);
  await writeParquet(to, columns, rows);
}

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'pawl-spam-steps-'));
  writeInbox(
    at('mail'),
    loadCorpus()
      .mails.filter(({ receivedAt }) => receivedAt < UNTIL)
      .map(toInboxEntry),
    UNTIL,
  );
  const { code, error } = extract('first');
  assert.equal(code, 0, error);
  await join0(at('first', 'train.parquet'), at('train-joined.parquet'));
  await join0(at('first', 'eval.parquet'), at('eval-joined.parquet'));
});

after(() => rmSync(root, { recursive: true, force: true }));

test('extract writes the same bytes for the same inbox, wherever it lies, and splits by time', async () => {
  cpSync(at('mail'), at('copy'), { recursive: true });
  assert.equal(extract('second', { PAWL_INPUT_MAIL: at('copy') }).code, 0);
  for (const name of ['train.parquet', 'eval.parquet'])
    assert.deepEqual(readFileSync(at('first', name)), readFileSync(at('second', name)), name);
  const [older, newer] = await Promise.all(['train.parquet', 'eval.parquet'].map((name) => readParquet(at('first', name))));
  assert.ok(older && newer);
  assert.deepEqual(older.names, ['id', 'received_at', 'sender_domain', ...FEATURES, 'spam', 'confirmed_at']);
  assert.ok(Math.max(...older.numbers('received_at')) <= Math.min(...newer.numbers('received_at')));
  assert.ok(Math.max(...newer.numbers('confirmed_at')) < UNTIL);
});

test('train writes an MLflow model that evaluate scores well above chance; trained twice, the same bytes', () => {
  for (const to of ['a', 'b']) assert.equal(train(to).code, 0);
  for (const name of ['MLmodel', 'model.onnx'])
    assert.deepEqual(readFileSync(at('a', 'model', name)), readFileSync(at('b', 'model', name)), name);
  const points = JSON.parse(readFileSync(at('a', 'metrics.json'), 'utf8')) as { name: string; value: number; step: number }[];
  assert.deepEqual(
    points.filter(({ name }) => name === 'train_log_loss').map(({ step }) => step),
    [25, 50, 100, 200],
  );
  assert.equal(evaluate(at('a', 'model')).code, 0);
  const scores = JSON.parse(readFileSync(at('scores.json'), 'utf8')) as Record<string, number>;
  assert.deepEqual(Object.keys(scores), ['f1', 'precision', 'recall', 'false_positive_rate', 'accuracy', 'n']);
  assert.ok((scores['f1'] ?? 0) > 0.9 && (scores['false_positive_rate'] ?? 1) < 0.05, JSON.stringify(scores));
});

test('shuffled labels say so and make a worse model', () => {
  const { code, out } = train('shuffled', { PAWL_PARAM_SHUFFLE_LABELS: 'true', PAWL_PARAM_SEED: '6' });
  assert.equal(code, 0);
  assert.match(out, /labels shuffled on purpose/);
  assert.equal(evaluate(at('shuffled', 'model')).code, 0);
  const scores = JSON.parse(readFileSync(at('scores.json'), 'utf8')) as Record<string, number>;
  assert.ok((scores['accuracy'] ?? 1) < 0.8, JSON.stringify(scores));
});

test('what is wrong with the input ends in one line and exit code 1, with nothing written', () => {
  const bad = at('bad');
  mkdirSync(join(bad, 'model'), { recursive: true });
  writeFileSync(join(bad, 'model', 'model.onnx'), 'this is no model');
  writeFileSync(join(bad, 'text.parquet'), 'this is no table');
  const cases: [ReturnType<typeof run>, RegExp][] = [
    [run('extract', {}), /^PAWL_INPUT_MAIL is not set/],
    [extract('none', { PAWL_INPUT_MAIL: at('nowhere') }), /^cannot list .*labels: ENOENT/],
    [extract('none', { PAWL_PARAM_EVAL_SHARE: 'half' }), /^PAWL_PARAM_EVAL_SHARE is 'half'; give a number from 0.05 to 0.9/],
    [extract('none', { PAWL_PARAM_UNTIL: String(Date.UTC(2001, 7, 1)) }), /^only \d+ confirmed mails/],
    [
      train('none', { PAWL_INPUT_TRAINING: at('first', 'train.parquet') }),
      /has no column 'mails_7d'; join the feature view sender_activity first/,
    ],
    [train('none', { PAWL_INPUT_TRAINING: join(bad, 'text.parquet') }), /text\.parquet is not a readable Parquet file: /],
    [train('none', { PAWL_PARAM_SHUFFLE_LABELS: 'yes' }), /^PAWL_PARAM_SHUFFLE_LABELS is 'yes'; give true or false/],
    [evaluate(join(bad, 'model')), /model\.onnx cannot be run: /],
    [evaluate(bad), /model\.onnx does not exist/],
  ];
  for (const [{ code, error }, message] of cases) {
    assert.equal(code, 1, error);
    assert.match(error, message);
    assert.equal(error.trim().split('\n').length, 1, error);
  }
  assert.ok(!existsSync(at('none', 'train.parquet')) && !existsSync(at('none', 'model')));
});

test('examples come oldest first, and an unknown sender counts as none', async () => {
  const columns: Column[] = ['received_at', ...FEATURES, 'spam', ...ACTIVITY].map((name) => ({ name, type: 'DOUBLE' }));
  const row = (time: number, spam: number): Cell[] => [time, ...FEATURES.map(() => 0.5), spam, ...ACTIVITY.map(() => 2)];
  await writeParquet(at('two.parquet'), columns, [row(2, 1), row(1, 0)]);
  const { spam, rows } = await readExamples(at('two.parquet'));
  assert.deepEqual(spam, [false, true]);
  assert.deepEqual([...(rows[0] ?? [])], [...FEATURES.map(() => 0.5), 2, 2, 2, 2]);
});
