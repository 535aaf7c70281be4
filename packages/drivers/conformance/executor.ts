import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from '@pawl/core';
import type { CommandOutcome, CommandSpec, Executor, LogLine, UsageSample } from '@pawl/core';

interface Ran {
  readonly outcome: CommandOutcome;
  readonly lines: readonly LogLine[];
  readonly texts: readonly string[];
}

/** What every driver of the Executor port must do. Its commands must find `sh`, `sleep`, `printf`, `awk` and `node`. */
export function testExecutor(name: string, executor: Executor): void {
  async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'pawl-exec-')));
    try {
      await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async function run(cwd: string, command: string, more: Partial<CommandSpec> = {}): Promise<Ran> {
    const lines: LogLine[] = [];
    const running = await executor.start({ command, cwd, env: {}, timeoutMs: 20_000, ...more }, (line) => lines.push(line));
    const outcome = await running.done;
    return { outcome, lines, texts: lines.map((line) => line.text) };
  }

  async function waitForFile(path: string): Promise<string> {
    for (let tries = 0; tries < 200; tries += 1) {
      const text = await readFile(path, 'utf8').catch(() => '');
      if (text.endsWith('\n')) return text.trim();
      await sleep(20);
    }
    throw new Error(`${path} was not written`);
  }

  describe(`executor: ${name}`, () => {
    test('runs a command in its folder with the environment given, and tells its end', () =>
      withFolder(async (folder) => {
        const { outcome, texts } = await run(folder, 'pwd; echo "$GREETING"; echo "${SECRET-none}"; exit 3', {
          env: { GREETING: 'hé llo' },
        });
        assert.deepEqual(texts, [folder, 'hé llo', 'none']);
        assert.deepEqual([outcome.exitCode, outcome.signal, outcome.timedOut], [3, null, false]);
        assert.equal((await run(folder, 'true')).outcome.exitCode, 0);
        assert.equal((await run(folder, 'no-such-command-here')).outcome.exitCode, 127);
        assert.deepEqual((({ exitCode, signal }) => [exitCode, signal])((await run(folder, 'kill -KILL $$')).outcome), [null, 'SIGKILL']);
      }));

    test('splits both streams into lines, stamped, the last without a break too', () =>
      withFolder(async (folder) => {
        const { lines } = await run(folder, `printf 'one\\r\\n\\nthree'; printf 'oops\\n' >&2`);
        const of = (stream: string): string[] => lines.filter((line) => line.stream === stream).map((line) => line.text);
        assert.deepEqual([of('stdout'), of('stderr')], [['one', '', 'three'], ['oops']]);
        for (const line of lines) assert.ok(Number.isSafeInteger(line.time) && line.time > 1_600_000_000_000);
      }));

    test('keeps characters whole that come in pieces, cuts endless lines, shows the last state of a progress bar', () =>
      withFolder(async (folder) => {
        await writeFile(
          join(folder, 'pieces.mjs'),
          `const bytes = Buffer.from('🦆é\\n'); for (const byte of bytes) { process.stdout.write(Buffer.from([byte])); await new Promise((go) => setTimeout(go, 15)); }`,
        );
        assert.deepEqual((await run(folder, 'node pieces.mjs')).texts, ['🦆é']);
        assert.deepEqual((await run(folder, `printf '10%%\\r50%%\\r100%%\\nnext\\n'`)).texts, ['100%', 'next']);
        assert.deepEqual((await run(folder, `printf 'a\\377b\\n'`)).texts, ['a\ufffdb']);
        const { texts } = await run(folder, `awk 'BEGIN { for (i = 0; i < 300000; i++) printf "x"; printf "\\nafter\\n" }'`);
        assert.equal(texts.length, 2);
        assert.match(texts[0] ?? '', /^x{65536} … \[line cut\]$/);
        assert.equal(texts[1], 'after');
      }));

    test('takes much output and loses none', () =>
      withFolder(async (folder) => {
        const { texts } = await run(folder, `awk 'BEGIN { for (i = 0; i < 100000; i++) print i }'`);
        assert.deepEqual([texts.length, texts.every((text, index) => text === String(index))], [100_000, true]);
      }));

    test('stops the whole group: SIGTERM first, so that the command may clean up', () =>
      withFolder(async (folder) => {
        const lines: string[] = [];
        const command = `trap 'echo cleaning; exit 9' TERM; sleep 300 & echo $! > child; echo ready; wait`;
        const running = await executor.start({ command, cwd: folder, env: {}, timeoutMs: 60_000 }, (line) => lines.push(line.text));
        const child = Number(await waitForFile(join(folder, 'child')));
        running.stop(5000);
        const outcome = await running.done;
        assert.deepEqual([outcome.exitCode, lines.includes('cleaning'), outcome.timedOut], [9, true, false]);
        assert.equal(isAlive(child), false);
        running.stop(0);
      }));

    test('kills after the grace what ignores SIGTERM; a second stop can only be sooner', () =>
      withFolder(async (folder) => {
        const command = `trap '' TERM; sh -c 'echo $$ > stubborn; while :; do sleep 0.1; done'`;
        for (const [first, second] of [
          [200, 60_000],
          [60_000, 0],
        ] as const) {
          const running = await executor.start({ command, cwd: folder, env: {}, timeoutMs: 60_000 }, () => undefined);
          const stubborn = Number(await waitForFile(join(folder, 'stubborn')));
          running.stop(first);
          running.stop(second);
          const outcome = await running.done;
          assert.equal(outcome.signal, 'SIGKILL');
          assert.equal(isAlive(stubborn), false);
          await rm(join(folder, 'stubborn'));
        }
      }));

    test('ends a command that runs out of time', () =>
      withFolder(async (folder) => {
        const { outcome } = await run(folder, 'sleep 300', { timeoutMs: 150 });
        assert.deepEqual([outcome.timedOut, outcome.exitCode === 0], [true, false]);
      }));

    test('is over only when what it left in the background is gone too', () =>
      withFolder(async (folder) => {
        const { outcome } = await run(folder, `sleep 300 & echo $! > child; exit 0`);
        assert.equal(outcome.exitCode, 0);
        assert.equal(isAlive(Number(await waitForFile(join(folder, 'child')))), false);
      }));

    test('ends what left the group for a session of its own, too', () =>
      withFolder(async (folder) => {
        const started = performance.now();
        const { outcome, texts } = await run(
          folder,
          `node -e "const c = require('node:child_process').spawn('sleep', ['30'], { detached: true, stdio: 'inherit' }); c.unref(); console.log(c.pid)"`,
        );
        assert.deepEqual([outcome.exitCode, isAlive(Number(texts[0]))], [0, false]);
        assert.ok(performance.now() - started < 10_000);
      }));

    test('ends a command that uses more memory than its limit, and only that', () =>
      withFolder(async (folder) => {
        const hold = (megabytes: number) => `node -e "globalThis.held = Buffer.alloc(${megabytes}e6, 1); setTimeout(() => 0, 700)"`;
        const limits = { memoryBytes: 200e6 };
        const over = await run(folder, `${hold(150)} & ${hold(150)}`, { limits });
        assert.deepEqual([over.outcome.outOfMemory, over.outcome.exitCode === 0, over.outcome.timedOut], [true, false, false]);
        const within = await run(folder, hold(60), { limits });
        assert.deepEqual([within.outcome.outOfMemory, within.outcome.exitCode], [false, 0]);
      }));

    test('passes on an error of whoever takes the lines', () =>
      withFolder(async (folder) => {
        const running = await executor.start({ command: 'echo one', cwd: folder, env: {}, timeoutMs: 20_000 }, () => {
          throw new Error('no room for lines');
        });
        await assert.rejects(running.done, /no room for lines/);
      }));

    test('measures time and memory, or says that it cannot', () =>
      withFolder(async (folder) => {
        await writeFile(
          join(folder, 'busy.mjs'),
          `const held = Buffer.alloc(120e6, 1); const end = performance.now() + 2300; while (performance.now() < end) held[0]++;`,
        );
        const samples: UsageSample[] = [];
        const spec = { command: 'node busy.mjs; true', cwd: folder, env: {}, timeoutMs: 20_000 };
        const running = await executor.start(
          spec,
          () => undefined,
          (sample) => void samples.push(sample),
        );
        const outcome = await running.done;
        assert.ok(samples.length >= 1);
        const [sample] = samples;
        assert.ok((sample?.machine['system_memory_usage_megabytes'] ?? 0) > 50);
        assert.ok(
          (sample?.usage.cpuMs ?? 0) <= (outcome.usage.cpuMs ?? 0) && (sample?.residentBytes ?? 0) <= (outcome.usage.peakMemoryBytes ?? 0),
        );
        assert.ok(outcome.usage.wallMs >= 2300 && (outcome.usage.memoryByteSeconds ?? 120e6) > 60e6, JSON.stringify(outcome.usage));
        if (outcome.usage.cpuMs !== null) assert.ok(outcome.usage.cpuMs > 300 && outcome.usage.cpuMs < 10_000, `${outcome.usage.cpuMs} ms`);
        if (outcome.usage.peakMemoryBytes !== null)
          assert.ok(outcome.usage.peakMemoryBytes > 120e6 && outcome.usage.peakMemoryBytes < 2e9, `${outcome.usage.peakMemoryBytes} bytes`);
        assert.equal(outcome.usage.cpuMs === null, outcome.usage.peakMemoryBytes === null);
      }));

    test('says why a command could not be started', () =>
      withFolder(async (folder) => {
        await assert.rejects(
          run(join(folder, 'gone'), 'true'),
          (error) => isFault(error, 'command_not_started') && /working folder/.test(error.message),
        );
        await assert.rejects(run(folder, 'true', { env: { BAD: 'a\0b' } }), (error) => isFault(error, 'command_not_started'));
      }));
  });
}

/** A zombie still has an id, but does not live. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return !existsSync('/proc/self');
  }
}
