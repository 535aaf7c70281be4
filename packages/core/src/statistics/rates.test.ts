/** Seeded simulations of the promises that matter: what a healthy model risks, and what a sick one cannot escape. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minimumEffectDrift } from './drift.ts';
import { addEvent, createEventTest, harmEvidence } from './event-test.ts';
import { addToMeanSequence, emptyMeanSequence, isMeanSequenceReady, meanSequenceBounds } from './mean-sequence.ts';
import { nonInferiorityBinary } from './non-inferiority.ts';
import { normalUpperQuantile } from './normal.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

const ALPHA = 0.05;

/** Requests in a rollout until the harm test fires, looked at after every event; null when it never does. */
function eventRollback(random: Random, rollout: { weight: number; stable: number; candidate: number; requests: number }): number | null {
  let state = createEventTest();
  for (let request = 1; request <= rollout.requests; request += 1) {
    const candidate = random.next() < rollout.weight;
    if (random.next() >= (candidate ? rollout.candidate : rollout.stable)) continue;
    state = addEvent(state, { candidate, weight: rollout.weight });
    if (harmEvidence(state).e >= 1 / ALPHA) return request;
  }
  return null;
}

test('a healthy canary is rolled back in at most 5 % although every event is looked at; a harmful one nearly always', () => {
  const random = createRandom(2024);
  const runs = 300;
  let healthy = 0;
  let harmful = 0;
  for (let run = 0; run < runs; run += 1) {
    if (eventRollback(random, { weight: 0.1, stable: 0.05, candidate: 0.05, requests: 10_000 }) !== null) healthy += 1;
    if (run < 100 && eventRollback(random, { weight: 0.1, stable: 0.05, candidate: 0.15, requests: 10_000 }) !== null) harmful += 1;
  }
  assert.ok(healthy / runs <= 0.05, `healthy rolled back: ${healthy} of ${runs}`);
  assert.ok(harmful >= 98, `harmful rolled back: ${harmful} of 100`);
});

test('the mean sequence holds at most 5 % under a look every 100 requests where a z test rolls back a quarter', () => {
  const random = createRandom(77);
  const runs = 120;
  const z = normalUpperQuantile(ALPHA / 2);
  let sequence = 0;
  let naive = 0;
  for (let run = 0; run < runs; run += 1) {
    let state = emptyMeanSequence();
    let worse = false;
    let fooled = false;
    for (let request = 1; request <= 10_000; request += 1) {
      const y = random.next() < 0.05 ? 1 : 0;
      state = addToMeanSequence(state, { y, candidate: random.next() < 0.5, weight: 0.5 });
      if (request % 100 !== 0 || !isMeanSequenceReady(state, 200)) continue;
      const bounds = meanSequenceBounds(state, ALPHA, 'two');
      if (bounds === null) continue;
      worse ||= bounds.lower > 0 || bounds.upper < 0;
      fooled ||= Math.abs(bounds.estimate) > z * bounds.se;
    }
    if (worse) sequence += 1;
    if (fooled) naive += 1;
  }
  assert.ok(sequence / runs <= ALPHA, `sequence: ${sequence} of ${runs}`);
  assert.ok(naive / runs >= 0.2, `z test: ${naive} of ${runs}`);
});

/** Counts of `n` draws from the shares. */
function sample(random: Random, shares: readonly number[], n: number): number[] {
  const counts = shares.map(() => 0);
  for (let i = 0; i < n; i += 1) {
    let u = random.next();
    let cell = 0;
    while (cell < shares.length - 1 && u >= (shares[cell] as number)) {
      u -= shares[cell] as number;
      cell += 1;
    }
    counts[cell] = (counts[cell] as number) + 1;
  }
  return counts;
}

/** Ten cells moved linearly so that Σ (q − p)² / p̄ against even cells is near `effect`, the unit of the rule. */
function moved(effect: number): number[] {
  const tilt = Array.from({ length: 10 }, (_, cell) => (cell - 4.5) / 4.5);
  const square = tilt.reduce((sum, t) => sum + t * t, 0) / 10;
  return tilt.map((t) => 0.1 * (1 + t * Math.sqrt(effect / square)));
}

function flagged(seed: number, effect: number, window: number, runs: number): number {
  const random = createRandom(seed);
  const even = Array.from({ length: 10 }, () => 0.1);
  let flags = 0;
  for (let run = 0; run < runs; run += 1) {
    const input = { reference: sample(random, even, 5000), current: sample(random, moved(effect), window) };
    if (minimumEffectDrift(input).verdict === 'drifted') flags += 1;
  }
  return flags / runs;
}

test('the drift rule false-alarms in at most 1.5 %, without a change and with one that is just tolerated', () => {
  for (const window of [50, 200, 1000]) {
    const steady = flagged(31, 0, window, 800);
    const tolerated = flagged(34, 0.02, window, 800);
    assert.ok(steady <= 0.01, `no change, window ${window}: ${steady}`);
    assert.ok(tolerated <= 0.015, `exactly delta, window ${window}: ${tolerated}`);
  }
  const found = flagged(33, 0.25, 200, 300);
  assert.ok(found >= 0.95, `a clear change: ${found}`);
});

test('a candidate worse by exactly the margin passes the gate in about 5 % at most, an equal one mostly', () => {
  const random = createRandom(5);
  const pass = (championOnly: number, candidateOnly: number, runs: number): number => {
    let passed = 0;
    for (let run = 0; run < runs; run += 1) {
      const [b, c] = sample(random, [championOnly, candidateOnly, 1 - championOnly - candidateOnly], 2000) as [number, number];
      if (nonInferiorityBinary({ n: 2000, championOnly: b, candidateOnly: c, margin: 0.02 }).verdict === 'PASS') passed += 1;
    }
    return passed / runs;
  };
  assert.ok(pass(0.04, 0.02, 1000) <= 0.06);
  assert.ok(pass(0.03, 0.03, 200) >= 0.9);
});
