import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseThreshold, fitFilter, logLoss, predict, type Examples } from './learn.ts';
import { toOnnx } from './onnx.ts';
import { runOnnx } from './session.ts';

/** Two signals, one of them a count with a long tail, and a column that says nothing; a simple generator so that every run is the same. */
function examples(n: number): Examples {
  let state = 12345;
  const next = (): number => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  const rows: Float64Array[] = [];
  const spam: boolean[] = [];
  for (let i = 0; i < n; i++) {
    const is = next() < 0.25;
    spam.push(is);
    rows.push(Float64Array.of(next() + (is ? 0.7 : 0), Math.floor(-Math.log(next() + 1e-9) * (is ? 40 : 3)), 7, next()));
  }
  return { columns: ['share', 'count', 'constant', 'noise'], rows, spam };
}

const data = examples(600);
const logged = [false, true, false, false];
const filter = fitFilter(data, logged, 200);
const expected = predict(filter, data.rows);

test('ONNX Runtime gives the probabilities of the library within 1e-5, and the label by threshold', async () => {
  const { probability, spam } = await runOnnx(toOnnx(filter, 0.8), data);
  assert.equal(probability.length, data.rows.length);
  for (const [i, p] of probability.entries()) {
    assert.ok(Math.abs(p - (expected[i] ?? NaN)) <= 1e-5, `row ${i}: ${p} against ${expected[i]}`);
    assert.equal(spam[i], p > Math.fround(0.8), `row ${i}: ${p}`);
  }
  assert.ok(spam.some(Boolean) && !spam.every(Boolean));
});

test('a freak value is cut, in both alike', async () => {
  const rows = [Float64Array.of(1e9, -5, 7, 0), Float64Array.of(-1e9, 1e12, 7, 1)];
  const { probability } = await runOnnx(toOnnx(filter, 0.5), { columns: data.columns, rows });
  for (const [i, p] of predict(filter, rows).entries()) assert.ok(Math.abs(p - (probability[i] ?? NaN)) <= 1e-5);
});

test('a filter without counts has a graph too', async () => {
  const plain = fitFilter(data, [false, false, false, false], 50);
  const { probability } = await runOnnx(toOnnx(plain, 0.5), data);
  for (const [i, p] of predict(plain, data.rows).entries()) assert.ok(Math.abs(p - (probability[i] ?? NaN)) <= 1e-5);
});

test('the same training gives the same bytes, another threshold others', () => {
  assert.deepEqual(toOnnx(fitFilter(data, logged, 200), 0.8), toOnnx(filter, 0.8));
  assert.notDeepEqual(toOnnx(filter, 0.81), toOnnx(filter, 0.8));
});

test('learning separates the classes, and more steps fit better', () => {
  const right = expected.filter((p, i) => p > 0.5 === data.spam[i]).length;
  assert.ok(right / expected.length > 0.9, `${right} of ${expected.length}`);
  const short = fitFilter(data, logged, 10);
  assert.ok(logLoss(expected, data.spam) < logLoss(predict(short, data.rows), data.spam));
});

test('the threshold spares good mail: it rises above the good mails that look like spam', () => {
  // At 0.50: 3 hits, 1 lost (F0.5 .789). Above 0.60: 3 hits, none lost. Above 0.70: 2 hits, 1 missed.
  assert.equal(chooseThreshold([0.9, 0.8, 0.7, 0.6, 0.1], [true, true, true, false, false]), 0.6);
  // Nothing separates: the lowest of equals.
  assert.equal(chooseThreshold([0.3, 0.2], [false, true]), 0.5);
});
