import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCost, toTotalCost } from './cost.ts';
import type { PriceTable } from './cost.ts';
import type { Usage } from './types.ts';

const hour = 3_600_000;
const usage: Usage = {
  wallMs: 2 * hour,
  cpuMs: 6 * hour,
  peakMemoryBytes: 9e9,
  memoryByteSeconds: 4 * 1024 ** 3 * 7200,
  readBytes: 0,
  writeBytes: 0,
  gpuMs: 2 * hour,
};
const table: PriceTable = {
  currency: 'EUR',
  standard: { cpuHour: 0.04, gbHour: 0.005, gpuHour: 0.7, hour: 0 },
  machines: { big: { cpuHour: 0, gbHour: 0, gpuHour: 0, hour: 3 }, free: { cpuHour: 0, gbHour: 0, gpuHour: 0, hour: 0 } },
};

test('a cost is the sum over what was used', () => {
  assert.ok(Math.abs((toCost(usage, null, table) ?? 0) - (6 * 0.04 + 8 * 0.005 + 2 * 0.7)) < 1e-12);
  assert.equal(toCost(usage, 'big', table), 6);
  assert.equal(toCost(usage, 'free', table), 0);
  assert.equal(toCost(usage, 'unknown', table), toCost(usage, null, table));
});

test('without a price there is no cost, and a name of every object is no machine', () => {
  assert.equal(toCost(usage, null, null), null);
  assert.equal(toCost(usage, 'toString', { ...table, standard: null }), null);
});

test('what the system does not tell costs nothing', () => {
  assert.equal(toCost({ ...usage, cpuMs: null, memoryByteSeconds: null, gpuMs: 0 }, null, table), 0);
});

test('a total adds what has a price, in one currency', () => {
  const eur = (cost: number | null) => ({ cost, currency: cost === null ? null : 'EUR' });
  assert.deepEqual(toTotalCost([eur(1), eur(null), eur(2)]), { amount: 3, currency: 'EUR' });
  assert.deepEqual(toTotalCost([{ cost: 5, currency: 'USD' }, eur(2)]), { amount: 2, currency: 'EUR' });
  assert.equal(toTotalCost([eur(null)]), null);
});
