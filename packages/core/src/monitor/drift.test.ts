import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Digest } from '../ports/digest.ts';
import { createRandom } from '../statistics/random.ts';
import { judgeDrift, persistentFeatures } from './drift.ts';
import { toHistograms, toProfile } from './profile.ts';
import type { Profile } from './profile.ts';
import type { MonitorSpec, MonitorWindow } from './types.ts';

const hash = (data: string | Uint8Array): Digest => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const spec: MonitorSpec['drift'] = { features: [], delta: 0.02, q: 0.01, flags: 2, of: 3 };
const FEATURES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

function sample(random: { normal(): number }, rows: number, shift = 0): Record<string, number>[] {
  return Array.from({ length: rows }, () =>
    Object.fromEntries(FEATURES.map((name) => [name, random.normal() + (name === 'a' ? shift : 0)])),
  );
}

function profileOf(rows: readonly Record<string, number>[]): Profile {
  return toProfile(Object.fromEntries(FEATURES.map((name) => [name, rows.map((row) => row[name] ?? null)])), hash);
}

describe('drift of a window', () => {
  const random = createRandom(7);
  const profile = profileOf(sample(random, 4000));

  test('without a change at most 1 % of windows alarm, at the smallest size and at large ones', () => {
    let alarms = 0;
    const windows = 120;
    for (let window = 0; window < windows; window++) {
      const rows = sample(random, window % 2 === 0 ? 50 : 1000);
      if (judgeDrift(spec, profile, toHistograms(profile, rows)).some((one) => one.flagged)) alarms++;
    }
    assert.ok(alarms <= 1, `${alarms} of ${windows}`);
  });

  test('one feature moved by a standard deviation is found, alone and first', () => {
    const found = judgeDrift(spec, profile, toHistograms(profile, sample(random, 300, 1)));
    assert.deepEqual(
      found.filter((one) => one.flagged).map((one) => one.feature),
      ['a'],
    );
    assert.equal(found[0]?.feature, 'a');
    assert.ok((found[0]?.low ?? 0) > spec.delta && (found[0]?.high ?? 0) > (found[0]?.effect ?? Infinity));
    assert.equal(found.length, FEATURES.length);
  });

  test('only the features named are watched; unknown and empty ones are left out', () => {
    const histograms = toHistograms(profile, sample(random, 300, 1));
    assert.deepEqual(
      judgeDrift({ ...spec, features: ['b', 'nowhere'] }, profile, histograms).map((one) => one.feature),
      ['b'],
    );
    assert.deepEqual(judgeDrift(spec, profile, {}), []);
    assert.deepEqual(judgeDrift(spec, profile, toHistograms(profile, [])), []);
  });

  test('nulls that begin to appear are drift', () => {
    const rows = sample(random, 300).map((row, index) => (index % 3 === 0 ? { ...row, a: null } : row));
    assert.equal(judgeDrift(spec, profile, toHistograms(profile, rows))[0]?.flagged, true);
  });

  test('a feature that never varied in training is seen to leave its value', () => {
    const constant = toProfile({ x: Array.from({ length: 500 }, () => 0) }, hash);
    const window = (value: number, times: number) =>
      toHistograms(constant, [
        ...Array.from({ length: 300 - times }, () => ({ x: 0 })),
        ...Array.from({ length: times }, () => ({ x: value })),
      ]);
    assert.equal(judgeDrift(spec, constant, window(1, 100))[0]?.flagged, true);
    assert.equal(judgeDrift(spec, constant, window(-1, 300))[0]?.flagged, true);
    assert.deepEqual(judgeDrift(spec, constant, window(1, 0)), []);
  });
});

describe('persistence', () => {
  const window = (
    start: number,
    flagged: readonly string[],
    status: MonitorWindow['status'] = flagged.length > 0 ? 'drift' : 'ok',
  ): MonitorWindow => ({
    monitor: 'm',
    version: 1,
    start,
    end: start + 1,
    rows: 100,
    status,
    drift: FEATURES.map((feature) => ({ feature, effect: 0, low: 0, high: 0, p: 1, adjusted: 1, flagged: flagged.includes(feature) })),
    quality: { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 },
    revised: false,
  });

  test('the same feature in 2 of the last 3, the newest included', () => {
    assert.deepEqual(persistentFeatures(spec, [window(3, ['a', 'b']), window(2, []), window(1, ['b', 'c'])]), ['b']);
    assert.deepEqual(persistentFeatures(spec, [window(3, ['a']), window(2, ['b']), window(1, ['c'])]), []);
    assert.deepEqual(persistentFeatures(spec, [window(3, []), window(2, ['a']), window(1, ['a'])]), []);
    assert.deepEqual(persistentFeatures(spec, [window(4, ['a']), window(3, []), window(2, []), window(1, ['a'])]), []);
    assert.deepEqual(persistentFeatures(spec, []), []);
  });

  test('windows without enough data are passed over', () => {
    assert.deepEqual(persistentFeatures(spec, [window(3, ['a']), window(2, [], 'not_enough_data'), window(1, ['a'])]), ['a']);
  });
});
