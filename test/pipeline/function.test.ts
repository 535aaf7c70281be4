import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import type { PipelineStep } from '@pawl/core';
import { file, fromStep, manual, pipeline, step, withRig } from './rig.ts';

const STEPS = `
import json, pathlib, os, sys, time

def make(rows: int, table):
    table.write_text("x" * rows)
    print("made", os.environ["PAWL_RUN_ID"] != "")
    return {"rows": rows, "half": rows / 2}

def size(table, counts, note="none"):
    return {"size": len(table.read_text()), "rows": counts["rows"]}

def broken(): return {}["missing"]
def greedy():
    held = bytearray(300_000_000)
    time.sleep(10)
def slow(): time.sleep(30)
`;

function call(name: string, uses: string, more: Partial<PipelineStep> = {}): PipelineStep {
  return step(name, '', { uses, ...more });
}

test('steps may be functions: typed parameters, inputs by path or value, what they return as outputs, and the cache', () =>
  withRig(async (rig) => {
    rig.write('steps.py', STEPS);
    rig.write('size.ts', `export const size = ({ counts }: { counts: { half: number } }) => ({ value: counts.half });`);
    await rig.define({
      ...pipeline(
        [
          call('make', 'steps.py:make', {
            params: ['rows'],
            outputs: { table: file('table.txt'), counts: { type: 'json', dataset: null, name: 'counts.json' } },
          }),
          call('size', 'steps.py:size', {
            inputs: { table: fromStep('make', 'table'), counts: fromStep('make', 'counts') },
            outputs: { metrics: { type: 'metrics', dataset: null, name: 'metrics.json' } },
          }),
          call('half', 'size.ts:size', {
            inputs: { counts: fromStep('make', 'counts') },
            outputs: { metrics: { type: 'metrics', dataset: null, name: 'metrics.json' } },
          }),
        ],
        { rows: '5' },
      ),
      parameters: { rows: { type: 'int' } },
    });
    const worker = rig.worker();
    const states = async (key: string): Promise<Readonly<Record<string, string>>> => {
      const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual(key) });
      assert.equal((await rig.drive(run.id, worker)).state, 'succeeded', JSON.stringify(await rig.pipelines.tasks(run.id)));
      await worker.idle();
      return rig.states(run.id);
    };
    assert.deepEqual(Object.values(await states('one')), ['succeeded', 'succeeded', 'succeeded']);
    assert.deepEqual(Object.values(await states('two')), ['cached', 'cached', 'cached']);
    rig.write('steps.py', STEPS.replace('"x" * rows', '"y" * rows'));
    assert.deepEqual(await states('three'), { make: 'succeeded', size: 'succeeded', half: 'cached' });
  }));

test('a function that fails, is not there, or takes too much is told in one line', () =>
  withRig(async (rig) => {
    rig.write('steps.py', STEPS);
    await rig.define(
      pipeline([
        call('broken', 'steps.py:broken'),
        call('nobody', 'steps.py:nobody', { retries: 3 }),
        call('nowhere', 'nowhere.py:f'),
        call('greedy', 'steps.py:greedy', { resources: { memoryBytes: 120e6 } }),
        call('slow', 'steps.py:slow', { timeoutMs: 300 }),
        step('command', 'no-such-command-here', { retries: 3 }),
      ]),
    );
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('one') });
    const worker = rig.worker({ slots: 6 });
    assert.equal((await rig.drive(run.id, worker)).state, 'failed');
    await worker.idle();
    const errors = Object.fromEntries((await rig.pipelines.tasks(run.id)).map((task) => [task.step, task.error]));
    assert.equal(errors['broken'], `Step "broken" ended with exit code 1. It said: KeyError: 'missing'`);
    assert.match(errors['nobody'] ?? '', /^Step "nobody": steps\.py has no function "nobody"; it has make, size, broken, greedy, slow\.$/);
    assert.match(errors['nowhere'] ?? '', /nowhere\.py/);
    assert.equal(errors['greedy'], 'Step "greedy" used more than 120 MB of memory and was ended.');
    assert.match(errors['slow'] ?? '', /^Step "slow" took longer than its timeout of 0\.3 s and was stopped\./);
    assert.match(errors['command'] ?? '', /command was not found/);
    assert.equal((await rig.logText(run.id, 'broken')).filter((line) => /in broken/.test(line)).length, 1);
  }));

test('steps that ask for the same packages share one environment; what cannot be installed is named', () =>
  withRig(async (rig) => {
    rig.write('where.py', 'import sys\ndef show(out): out.write_text(sys.prefix)\n');
    rig.write('bad.txt', '# of this project\nno-such-package-of-pawl==1.2.3\n');
    rig.write('conda.yaml', 'dependencies: [python, cudatoolkit=11, {pip: []}]\n');
    const out = { outputs: { out: file('out.txt') }, cache: false } as const;
    await rig.define(
      pipeline([
        call('one', 'where.py:show', { ...out, python: { requirements: [] } }),
        call('two', 'where.py:show', { ...out, python: { requirements: ['# nothing'] } }),
        step('three', 'python -c "import sys; print(sys.prefix)" > "$PAWL_OUTPUT_OUT"', { ...out, python: {} }),
        step('missing', 'true', { python: { file: 'bad.txt' }, retries: 3 }),
        step('conda', 'true', { python: { conda: 'conda.yaml' } }),
        step('version', 'true', { python: { version: '3.99' } }),
      ]),
    );
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('one') });
    const worker = rig.worker({ slots: 6 });
    await rig.drive(run.id, worker);
    await worker.idle();
    const tasks = Object.fromEntries((await rig.pipelines.tasks(run.id)).map((task) => [task.step, task]));
    assert.deepEqual(
      ['one', 'two', 'three'].map((name) => tasks[name]?.state),
      ['succeeded', 'succeeded', 'succeeded'],
      JSON.stringify(tasks),
    );
    assert.match(
      tasks['missing']?.error ?? '',
      /requirement "no-such-package-of-pawl==1\.2\.3" cannot be installed\. It said: .*no-such-package/,
    );
    assert.equal(tasks['missing']?.attempt, 1);
    assert.match(tasks['conda']?.error ?? '', /conda\.yaml wants packages of conda, which is not used here: cudatoolkit=11\./);
    assert.match(tasks['version']?.error ?? '', /there is no Python 3\.99 on this machine; it has 3\./);
    const [made, ...others] = await rig.ports.pythons.list();
    assert.deepEqual([made?.requirements, others], ['', []]);
    assert.deepEqual(await rig.ports.pythons.prune(0), []);
    assert.equal((await rig.ports.pythons.prune(Date.now() + 1000)).length, 1);
    assert.deepEqual([await rig.ports.pythons.list(), existsSync(rig.root)], [[], true]);
  }));
