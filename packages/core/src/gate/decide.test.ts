import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normalSf } from '../statistics/normal.ts';
import { createRandom } from '../statistics/random.ts';
import type { GateCheck, GateSpec } from './types.ts';
import { decideGate } from './decide.ts';
import type { GateEvidence } from './decide.ts';

const spec: GateSpec = {
  name: 'gate',
  model: 'm',
  label: 'spam',
  margin: 0.05,
  alpha: 0.05,
  floors: { f1: null, maxFalsePositiveRate: null },
  baselineImprovement: 0.5,
};

/** Rows by who is right: both, only the candidate, only the champion, neither. The truth alternates. */
function paired(both: number, candidateOnly: number, championOnly: number, neither: number): GateEvidence {
  const kinds = [
    ...Array.from({ length: both }, () => [true, true] as const),
    ...Array.from({ length: candidateOnly }, () => [true, false] as const),
    ...Array.from({ length: championOnly }, () => [false, true] as const),
    ...Array.from({ length: neither }, () => [false, false] as const),
  ];
  const truth = kinds.map((_, row) => row % 2 === 0);
  const answer = (right: boolean, row: number): boolean => (right ? truth[row] === true : truth[row] !== true);
  return {
    truth,
    candidate: kinds.map(([candidate], row) => answer(candidate, row)),
    champion: kinds.map(([, champion], row) => answer(champion, row)),
  };
}

/** Rows by what they are and what the candidate said. */
function confusion(truePositive: number, falsePositive: number, falseNegative: number, trueNegative: number): GateEvidence {
  const rows = [
    ...Array.from({ length: truePositive }, () => [true, true] as const),
    ...Array.from({ length: falsePositive }, () => [false, true] as const),
    ...Array.from({ length: falseNegative }, () => [true, false] as const),
    ...Array.from({ length: trueNegative }, () => [false, false] as const),
  ];
  const candidate = rows.map(([, said]) => said);
  return { truth: rows.map(([real]) => real), candidate, champion: candidate };
}

const near = (found: unknown, expected: number, tolerance = 1e-6): void =>
  assert.ok(typeof found === 'number' && Math.abs(found - expected) <= tolerance, `${String(found)} is not ${expected}`);

const check = (checks: readonly GateCheck[], part: string): GateCheck => {
  const found = checks.find((one) => one.name.includes(part));
  assert.ok(found, `no check "${part}"`);
  return found;
};

describe('gate against the champion', () => {
  test('equal models pass once the rows exclude the margin: with no row discordant the bound is −z²/(n + z²)', () => {
    const { verdict, checks } = decideGate(spec, paired(90, 0, 0, 10));
    assert.equal(verdict, 'PASS');
    assert.equal(checks.length, 1);
    // z = 1.6448536, z² = 2.7055434: −2.7055434 / 102.7055434.
    near(checks[0]?.numbers['lower'], -0.0263427);
    near(checks[0]?.numbers['upper'], 0.0263427);
  });

  test('too few rows are inconclusive, and say how many would decide', () => {
    const { verdict, checks } = decideGate({ ...spec, margin: 0.02 }, paired(90, 0, 0, 10));
    assert.equal(verdict, 'INCONCLUSIVE');
    // 2.7055434 · 0.98 / 0.02 = 132.57.
    assert.equal(checks[0]?.numbers['rows_needed'], 133);
    assert.match(checks[0]?.summary ?? '', /about 133 rows would decide/);
  });

  test('a proven loss fails, in either number of rows that only the champion got right', () => {
    assert.equal(decideGate(spec, paired(70, 0, 20, 10)).verdict, 'FAIL');
    const close = decideGate(spec, paired(85, 2, 7, 6));
    assert.equal(close.verdict, 'INCONCLUSIVE');
    near(close.checks[0]?.numbers['difference'], -0.05);
  });

  test('a better candidate passes, and at D = 0 the bound is that of McNemar: (16 − 4)/√20', () => {
    const { checks, verdict } = decideGate({ ...spec, alpha: normalSf(12 / Math.sqrt(20)) }, paired(70, 16, 4, 10));
    assert.equal(verdict, 'PASS');
    near(checks[0]?.numbers['lower'], 0, 1e-9);
  });

  test('one row decides nothing, and a set without rows or of unequal lengths is refused', () => {
    assert.equal(decideGate(spec, paired(1, 0, 0, 0)).verdict, 'INCONCLUSIVE');
    assert.throws(() => decideGate(spec, { truth: [], candidate: [], champion: null }), RangeError);
    assert.throws(() => decideGate(spec, { truth: [true], candidate: [], champion: null }), RangeError);
    assert.throws(() => decideGate(spec, { truth: [true], candidate: [true], champion: [] }), RangeError);
  });

  test('a candidate worse by exactly the margin passes in 5 % at most, give or take the noise of 400 sets', () => {
    const random = createRandom(11);
    let passed = 0;
    for (let set = 0; set < 400; set++) {
      const counts = { both: 0, candidate: 0, champion: 0, neither: 0 };
      for (let row = 0; row < 600; row++) {
        const u = random.next();
        counts[u < 0.02 ? 'candidate' : u < 0.09 ? 'champion' : u < 0.95 ? 'both' : 'neither']++;
      }
      if (decideGate(spec, paired(counts.both, counts.candidate, counts.champion, counts.neither)).verdict === 'PASS') passed++;
    }
    assert.ok(passed <= 33, `${passed} of 400`);
  });
});

describe('gate of a first model', () => {
  const majority = (truePositive: number, falsePositive: number, falseNegative: number, trueNegative: number) =>
    decideGate(spec, { ...confusion(truePositive, falsePositive, falseNegative, trueNegative), champion: null });

  test('it must remove half of the error of the majority class', () => {
    const good = majority(20, 0, 0, 80);
    assert.equal(good.verdict, 'PASS');
    near(good.checks[0]?.numbers['needed'], 0.1);
    assert.match(good.checks[0]?.name ?? '', /first model/);
    // Always the majority: nothing discordant, upper bound 0.0263 < 0.1.
    assert.equal(majority(0, 0, 20, 80).verdict, 'FAIL');
    assert.equal(majority(12, 0, 8, 80).verdict, 'INCONCLUSIVE');
  });

  test('the majority may be the positive class', () => {
    const { checks, verdict } = majority(80, 0, 0, 20);
    assert.equal(verdict, 'PASS');
    assert.match(checks[0]?.summary ?? '', /always answering true/);
  });

  test('a set of one class proves nothing of a model that is always right, and condemns one that is not', () => {
    assert.equal(majority(0, 0, 0, 100).verdict, 'INCONCLUSIVE');
    assert.equal(majority(0, 30, 0, 70).verdict, 'FAIL');
  });
});

describe('gate floors', () => {
  const withF1 = (f1: number): GateSpec => ({ ...spec, floors: { f1, maxFalsePositiveRate: null } });
  const withLimit = (maxFalsePositiveRate: number): GateSpec => ({ ...spec, floors: { f1: null, maxFalsePositiveRate } });

  test('F1 by the bounds of the share of true positives in the union: 80 of 100', () => {
    const evidence = confusion(80, 10, 10, 100);
    // Wilson at z = 1.6448536 of 80/100: centre .8135277/1.0270554, half .0671704/1.0270554, so .72670 and .85750; F1 = 2J/(1 + J).
    const { numbers, verdict } = check(decideGate(withF1(0.84), evidence).checks, 'F1');
    assert.equal(verdict, 'PASS');
    near(numbers['value'], 160 / 180);
    near(numbers['low'], 0.84172, 1e-4);
    near(numbers['high'], 0.92329, 1e-4);
    assert.equal(check(decideGate(withF1(0.85), evidence).checks, 'F1').verdict, 'INCONCLUSIVE');
    assert.equal(decideGate(withF1(0.93), evidence).verdict, 'FAIL');
  });

  test('without a positive row F1 stays open, and with it the gate', () => {
    assert.equal(decideGate(withF1(0.5), confusion(0, 0, 0, 200)).verdict, 'INCONCLUSIVE');
  });

  test('the false-positive rate by its Wilson bounds: 0 of 100 leaves up to 2.63 %', () => {
    const evidence = confusion(100, 0, 0, 100);
    const { numbers, verdict } = check(decideGate(withLimit(0.03), evidence).checks, 'false-positive');
    assert.equal(verdict, 'PASS');
    near(numbers['high'], 0.0263427);
    assert.equal(decideGate(withLimit(0.02), evidence).verdict, 'INCONCLUSIVE');
    assert.equal(decideGate(withLimit(0.02), confusion(100, 20, 0, 80)).verdict, 'FAIL');
    assert.equal(decideGate(withLimit(0.02), confusion(100, 0, 0, 0)).verdict, 'INCONCLUSIVE');
  });

  test('one failed floor fails the gate whatever else passed', () => {
    const { verdict, checks } = decideGate({ ...spec, floors: { f1: 0.84, maxFalsePositiveRate: 0.01 } }, confusion(80, 10, 10, 100));
    assert.deepEqual(
      checks.map((one) => one.verdict),
      ['PASS', 'PASS', 'FAIL'],
    );
    assert.equal(verdict, 'FAIL');
  });
});
