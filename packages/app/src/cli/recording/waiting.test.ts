import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConsoleText } from '@pawl/core';
import { createWaiting } from './waiting.ts';

const line = (text: string): ConsoleText => ({ time: 1, stream: 'stdout', text });
const usage = { wallMs: 1, cpuMs: null, peakMemoryBytes: null, memoryByteSeconds: null, readBytes: null, writeBytes: null, gpuMs: 0 };

test('lines come out once, in order, in reports of bounded size', () => {
  const waiting = createWaiting();
  for (let at = 1; at <= 12_000; at += 1) waiting.addLine(line(`line ${at}`));
  const seen: string[] = [];
  while (!waiting.isEmpty) {
    const { first, lines } = waiting.take();
    assert.equal(first, seen.length + 1);
    assert.ok(lines.length <= 5000);
    seen.push(...lines.map(({ text }) => text));
  }
  assert.equal(seen.length, 12_000);
  assert.equal(seen.at(-1), 'line 12000');
});

test('a flood keeps its beginning and its end, and the numbers tell what is missing', () => {
  const waiting = createWaiting();
  const long = 'x'.repeat(1000);
  for (let at = 1; at <= 50_000; at += 1) waiting.addLine(line(`${at} ${long}`));
  const numbers: number[] = [];
  let characters = 0;
  while (!waiting.isEmpty) {
    const { first, lines } = waiting.take();
    for (const [at, { text }] of lines.entries()) {
      assert.ok(text.startsWith(`${first + at} `));
      numbers.push(first + at);
      characters += text.length;
    }
  }
  assert.ok(characters < 8.1 * 1024 * 1024);
  assert.equal(numbers[0], 1);
  assert.ok((numbers[1000] ?? 0) === 1001);
  assert.equal(numbers.at(-1), 50_000);
});

test('too many samples are thinned out and keep their numbers', () => {
  const waiting = createWaiting();
  for (let at = 0; at < 2001; at += 1) waiting.addSample({ time: at, usage, residentBytes: 0, cpuPercent: 0, machine: {} });
  const steps: number[] = [];
  while (!waiting.isEmpty) steps.push(...waiting.take().samples.map(({ step }) => step));
  assert.deepEqual([steps.length, steps[0], steps[1], steps.at(-1)], [1001, 0, 2, 2000]);
});
