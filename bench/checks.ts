/**
 * A suite of 20 expectations on 3 million flights, judged by Pawl and by Great Expectations itself, from the file to the verdict: how much faster, with the same verdicts and counts. Beside it,
 * how fast a record is judged, and how fast a table is profiled.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromGreatExpectations, toContract } from '@pawl/core';
import type { CheckSuite, ExpectationResult, JsonValue, TableSource } from '@pawl/core';
import { createTables, hashSha256 } from '@pawl/drivers';
import { readFile } from 'node:fs/promises';
import { ensurePython } from '../scripts/python.ts';
import { ensureFlights } from './checks/flights.ts';
import type { Benchmark } from './figure.ts';

const RUNS = 5;
const PEER_RUNS = 3;
const RECORDS = 200_000;

const suitePath = join(import.meta.dirname, 'checks', 'suite.json');
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

interface PeerResult {
  readonly success: boolean;
  readonly unexpected_count: number | null;
  readonly element_count: number | null;
  readonly observed_value: JsonValue;
}

interface Peer {
  readonly version: string;
  readonly seconds: readonly number[];
  readonly results: Readonly<Record<string, readonly PeerResult[]>>;
}

async function askPeer(file: string): Promise<Peer> {
  const python = await ensurePython('checks');
  const script = join(import.meta.dirname, 'checks', 'great_expectations_suite.py');
  const { stdout } = await promisify(execFile)(python, [script, suitePath, file, String(PEER_RUNS)], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Peer;
}

/** Million cells that a core profiles in a second: all parts of the profile, in processor time. */
async function timeProfile(source: TableSource): Promise<number> {
  const tables = createTables();
  const speeds: number[] = [];
  try {
    for (let run = 0; run < RUNS; run += 1) {
      const began = process.cpuUsage();
      const { rows, columns } = await tables.profile(source, hashSha256);
      const { user, system } = process.cpuUsage(began);
      speeds.push((rows * columns.length) / (user + system));
    }
  } finally {
    await tables.close();
  }
  return median(speeds);
}

/** Throws when one verdict, count or aggregate is not the peer's. */
function compare(results: readonly ExpectationResult[], peer: Peer): void {
  const used = new Map<string, number>();
  for (const result of results) {
    const { type, kwargs } = result.expectation;
    const key = JSON.stringify([type, kwargs['column'] ?? null]).replaceAll(',', ', ');
    const at = used.get(key) ?? 0;
    used.set(key, at + 1);
    const candidates = peer.results[key] ?? [];
    // Great Expectations gives them back grouped, so those of one name and column are told apart by their counts.
    const same = candidates.some((one) => isSame(result, one));
    if (!same) throw new Error(`${type} ${JSON.stringify(kwargs)}: ${JSON.stringify(result)} instead of ${JSON.stringify(candidates)}`);
  }
}

function isSame(mine: ExpectationResult, theirs: PeerResult): boolean {
  if ((mine.outcome === 'passed') !== theirs.success) return false;
  if (theirs.unexpected_count !== null && theirs.element_count !== null)
    return mine.unexpectedCount === theirs.unexpected_count && mine.elementCount === theirs.element_count;
  if (typeof theirs.observed_value !== 'number' || typeof mine.observed !== 'number') return true;
  return Math.abs(mine.observed - theirs.observed_value) <= 1e-9 * Math.abs(theirs.observed_value);
}

/** A new DuckDB each time, so that nothing of the file is remembered; it is started before, as Great Expectations is imported before. */
async function timeSuite(
  source: TableSource,
  suite: CheckSuite,
): Promise<{ readonly seconds: number; readonly results: readonly ExpectationResult[] }> {
  const tables = createTables();
  try {
    await tables.describe({ format: 'json', paths: [suitePath], label: 'suite.json' });
    const began = performance.now();
    const results = await tables.check(source, suite);
    return { seconds: (performance.now() - began) / 1000, results };
  } finally {
    await tables.close();
  }
}

/** Microseconds that all expectations of the suite which can be asked of a record take for one. */
function timeRecords(suite: CheckSuite): number {
  const contract = toContract(suite, null);
  const record = { date: '2001-01-01 00:01:00', delay: 95, distance: 1587, origin: 'LAX', destination: 'ORD' };
  let broken = 0;
  const judge = (): void => void (broken += contract.judge(record).length);
  for (let warm = 0; warm < RECORDS / 10; warm += 1) judge();
  const began = performance.now();
  for (let at = 0; at < RECORDS; at += 1) judge();
  if (contract.asked.length < 10 || broken > 0) throw new Error('the record was asked too little, or breaks something');
  return ((performance.now() - began) * 1000) / RECORDS;
}

const checks: Benchmark = async () => {
  const file = await ensureFlights();
  const suite = fromGreatExpectations(JSON.parse(await readFile(suitePath, 'utf8')) as JsonValue, suitePath);
  const source: TableSource = { format: 'parquet', paths: [file], label: 'flights-3m.parquet' };
  const mine: number[] = [];
  for (let run = 0; run < RUNS; run += 1) mine.push((await timeSuite(source, suite)).seconds);
  const peer = await askPeer(file);
  // Before and after the peer, so that what else the machine does is shared.
  for (let run = 0; run < RUNS; run += 1) mine.push((await timeSuite(source, suite)).seconds);
  compare((await timeSuite(source, suite)).results, peer);
  const profiled = await timeProfile(source);
  const [seconds, theirs] = [median(mine), median(peer.seconds)];
  const ratio = theirs / seconds;
  const record = timeRecords(suite);
  return {
    suite: {
      value: seconds,
      unit: 's',
      peer: `great_expectations ${peer.version}`,
      peer_value: theirs,
      ratio,
      goal: '≥ 20',
      met: ratio >= 20,
    },
    profile: { value: profiled, unit: 'million cells a second a core', goal: '≥ 5', met: profiled >= 5 },
    record: { value: record, unit: 'µs', goal: '≤ 10', met: record <= 10 },
  };
};

export default checks;
