/**
 * Traces: Pawl and the real `mlflow server` from PyPI take the same requests of an OpenTelemetry exporter (protobuf, 500 spans each, two connections), SQLite on both
 * sides, one after the other on the same machine; and Pawl alone finds traces among 100,000.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stderr } from 'node:process';
import { ensurePython } from '../scripts/python.ts';
import type { Benchmark, Figure } from './figure.ts';
import { createApi, median } from './tracking/client.ts';
import { mlflow, pawl } from './tracking/server.ts';
import type { Running, Subject } from './tracking/server.ts';
import { encodeTraces } from './traces/encode.ts';

const PER_REQUEST = 25;
const SPANS = 20;
const CONNECTIONS = 2;
const MANY = 100_000;

/** Spans a second. */
async function ingest({ url }: Running, experiment: string, traces: number, spans: number): Promise<number> {
  const requests = Array.from({ length: traces / PER_REQUEST }, (_, at) => encodeTraces(at * PER_REQUEST, PER_REQUEST, spans));
  const began = performance.now();
  const waiting = requests.values();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const body of waiting) {
        const headers = { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': experiment };
        const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body });
        if (!answer.ok) throw new Error(`/v1/traces answered ${answer.status}: ${await answer.text()}`);
        await answer.arrayBuffer();
      }
    }),
  );
  return (traces * spans * 1000) / (performance.now() - began);
}

async function search({ url }: Running, experiment: string, filter: string, expected: number): Promise<number> {
  const ask = async (): Promise<void> => {
    const answer = await fetch(`${url}/api/3.0/mlflow/traces/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ locations: [{ mlflow_experiment: { experiment_id: experiment } }], filter, max_results: 100 }),
    });
    const { traces = [] } = (await answer.json()) as { traces?: readonly unknown[] };
    if (traces.length !== expected) throw new Error(`"${filter}" found ${traces.length} traces`);
  };
  const took: number[] = [];
  for (let turn = 0; turn < 11; turn++) {
    const began = performance.now();
    await ask();
    if (turn >= 2) took.push(performance.now() - began);
  }
  return median(took);
}

async function measureIngest(subject: Subject, traces: number): Promise<number> {
  stderr.write(`${subject.kind}: takes ${traces * SPANS} spans …\n`);
  const running = await subject.start();
  try {
    const { experiment_id: experiment } = await createApi(running.url).post('experiments/create', { name: 'speed' });
    await ingest(running, experiment, PER_REQUEST * 4, SPANS);
    return await ingest(running, experiment, traces, SPANS);
  } finally {
    await running.stop();
  }
}

export default (async () => {
  const python = await ensurePython('mlflow');
  const folder = await mkdtemp(join(tmpdir(), 'pawl-bench-'));
  try {
    const own = await measureIngest(pawl(join(folder, 'ingest')), 5000);
    const peer = await measureIngest(mlflow(folder, { python, lean: true }), 250);
    const running = await pawl(join(folder, 'search')).start();
    const searches: Record<string, number> = {};
    try {
      const { experiment_id: experiment } = await createApi(running.url).post('experiments/create', { name: 'large' });
      stderr.write(`pawl: fills ${MANY} traces …\n`);
      await ingest(running, experiment, MANY, 3);
      searches['newest'] = await search(running, experiment, '', 100);
      searches['failed'] = await search(running, experiment, "status = 'ERROR'", 100);
      searches['rare_session'] = await search(running, experiment, "metadata.`mlflow.trace.session` = 's-77'", 20);
      searches['model_span'] = await search(running, experiment, "span.type = 'CHAT_MODEL' AND span.attributes.model = 'gpt-4'", 100);
      searches['rare_text'] = await search(running, experiment, "trace.text LIKE '%question 99999 %'", 1);
    } finally {
      await running.stop();
    }
    const figures: Record<string, Figure> = {
      ingest: {
        value: own,
        unit: 'spans/s',
        peer: 'mlflow 3.17.2',
        peer_value: peer,
        ratio: own / peer,
        goal: '≥ 20000 spans/s',
        met: own >= 20_000,
      },
    };
    for (const [name, value] of Object.entries(searches)) {
      const goal = name.startsWith('rare_text') ? {} : { goal: '< 100 ms', met: value < 100 };
      figures[`search_${name}`] = { value, unit: 'ms', ...goal };
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}) satisfies Benchmark;
