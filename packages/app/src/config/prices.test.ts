import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { loadPrices } from './prices.ts';

function load(text: string): ReturnType<typeof loadPrices> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-prices-'));
  try {
    writeFileSync(join(folder, 'prices.yaml'), text);
    return loadPrices(join(folder, 'prices.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a table of prices is read, and what is absent is free', () => {
  assert.deepEqual(load('currency: EUR\nstandard: { cpu_hour: 0.04 }\nmachines:\n  big: { hour: 3 }\n'), {
    currency: 'EUR',
    standard: { cpuHour: 0.04, gbHour: 0, gpuHour: 0, hour: 0 },
    machines: { big: { cpuHour: 0, gbHour: 0, gpuHour: 0, hour: 3 } },
  });
  assert.equal(loadPrices(undefined), null);
});

test('what is wrong in a table is told with its file', () => {
  for (const text of ['currency: euro', 'currency: EUR\nstandard: { cpu: 1 }', 'currency: EUR\nstandard: { hour: -1 }', '{'])
    assert.throws(
      () => load(text),
      (error) => isFault(error, 'invalid_file') && error.message.includes('prices.yaml'),
      text,
    );
  assert.throws(
    () => loadPrices('/nowhere/prices.yaml'),
    (error) => isFault(error, 'file_unreadable'),
  );
});
