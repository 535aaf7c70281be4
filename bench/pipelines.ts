/**
 * What a step of a pipeline costs beside its own work. `chain40_s`: a chain of functions as long as the one Airflow is known for, from the start of the run to its end; `attempt_ms`: one of
 * its tasks, from the claim to the commit. `warm_overhead_ms`, `cold_overhead_ms`: what of that is the call itself, in a fork and in an interpreter of its own.
 */
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import type { Benchmark } from './figure.ts';
import { runAirflow } from './pipelines/airflow.ts';
import { timeCalls } from './pipelines/calls.ts';
import { startPawl } from './pipelines/server.ts';
import type { Run } from './pipelines/server.ts';
import { measureEngine } from './pipelines/moves.ts';

const STEPS = 40;
const ROUNDS = 7;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Steps that each take what the one before returned; their own work is one addition. */
function toChain(): object {
  const names = Array.from({ length: STEPS }, (_, at) => `s${at}`);
  const steps = names.map((name, at) => {
    const inputs = at === 0 ? {} : { inputs: { value: `s${at - 1}.out` } };
    return [name, { uses: 'steps.py:step', cache: false, ...inputs, outputs: { out: { json: 'out.json' } } }];
  });
  return { steps: Object.fromEntries(steps) as object };
}

const pipelines: Benchmark = async () => {
  // The interpreter itself: what stands on the PATH may be a script that looks for it.
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  const subject = await startPawl(`${dirname(python)}:${process.env['PATH'] ?? ''}`);
  const runs: Run[] = [];
  try {
    await subject.apply('chain', toChain(), { 'steps.py': 'def step(value=0):\n    return value + 1\n' });
    // The first starts the warm process.
    await subject.run('chain');
    for (let round = 0; round < ROUNDS; round += 1) runs.push(await subject.run('chain'));
  } finally {
    await subject.stop();
  }
  const calls = await timeCalls(python);
  const airflow = await runAirflow();
  const seconds = median(runs.map(({ ms }) => ms)) / 1000;
  const [warm, cold] = [median(calls.warm), median(calls.cold)];
  return {
    ...(await measureEngine()),
    chain40_s: {
      value: seconds,
      unit: 's',
      peer: airflow.name,
      peer_value: airflow.seconds,
      ratio: airflow.seconds / seconds,
      goal: '≤ 2',
      met: seconds <= 2,
    },
    attempt_ms: { value: median(runs.flatMap(({ taskMs }) => taskMs)), unit: 'ms' },
    warm_overhead_ms: { value: warm, unit: 'ms', goal: '≤ 10', met: warm <= 10 },
    cold_overhead_ms: { value: cold, unit: 'ms', goal: '≤ 150', met: cold <= 150 },
  };
};

export default pipelines;
