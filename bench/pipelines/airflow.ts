/** The same chain in Airflow, by its own command for running a DAG in one process. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensurePython } from '../../scripts/python.ts';

const run = promisify(execFile);
const MOST_OUTPUT = 1 << 27;

export interface Peer {
  readonly name: string;
  /** From the start of the DAG's run to its end, as Airflow counts it: its own start and its database are not in it. */
  readonly seconds: number;
}

export async function runAirflow(): Promise<Peer> {
  const programs = dirname(await ensurePython('pipelines-bench'));
  const home = await mkdtemp(join(tmpdir(), 'pawl-airflow-'));
  const env = {
    ...process.env,
    AIRFLOW_HOME: home,
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    PATH: `${programs}:${process.env['PATH'] ?? ''}`,
  };
  const airflow = (...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> =>
    run(join(programs, 'airflow'), args, { env, maxBuffer: MOST_OUTPUT });
  try {
    await mkdir(join(home, 'dags'));
    await copyFile(join(import.meta.dirname, 'chain.py'), join(home, 'dags', 'chain.py'));
    await airflow('db', 'migrate');
    const { stdout: version } = await airflow('version');
    const { stdout, stderr } = await airflow('dags', 'test', 'chain');
    const ended = /DagRun Finished: dag_id=chain.*run_duration=([\d.]+).*state=success/.exec(stdout + stderr)?.[1];
    if (ended === undefined) throw new Error(`Airflow's chain did not succeed: ${(stdout + stderr).slice(-2000)}`);
    return { name: `airflow ${version.trim().split('\n').at(-1) ?? ''} dags test`, seconds: Number(ended) };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
