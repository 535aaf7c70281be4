/** What the executor takes for a call that does nothing, from its start until no process of it is left. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionCall } from '@pawl/core';
import { createProcessExecutor, createSystemClock } from '@pawl/drivers';

export interface CallTimes {
  /** In a fork of the warm process, ms. */
  readonly warm: readonly number[];
  /** In an interpreter started for it, ms. */
  readonly cold: readonly number[];
}

const CALLS = 40;

/** Taken in turns, so that both meet the same machine. */
export async function timeCalls(python: string): Promise<CallTimes> {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-calls-'));
  try {
    await writeFile(join(folder, 'steps.py'), 'def nothing(): pass\n');
    const call: FunctionCall = {
      language: 'python',
      interpreter: python,
      file: join(folder, 'steps.py'),
      name: 'nothing',
      arguments: {},
      outputs: {},
    };
    const spec = { command: call, cwd: folder, env: {}, timeoutMs: 60_000 };
    const options = { clock: createSystemClock(), basics: { PATH: process.env['PATH'] ?? '' } };
    const executors = { warm: createProcessExecutor({ ...options, warm: true }), cold: createProcessExecutor(options) };
    const times: Record<keyof CallTimes, number[]> = { warm: [], cold: [] };
    for (let round = 0; round <= CALLS; round += 1) {
      for (const way of ['warm', 'cold'] as const) {
        const began = performance.now();
        const { exitCode } = await (await executors[way].start(spec, () => undefined)).done;
        if (exitCode !== 0) throw new Error(`a call ended with ${exitCode}`);
        // The first starts the warm process.
        if (round > 0) times[way].push(performance.now() - began);
      }
    }
    return times;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
