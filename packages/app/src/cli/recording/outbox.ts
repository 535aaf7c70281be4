import type { Client, RecordingOpen, RecordingOpenInput, RecordingReportInput } from '@pawl/client';
import type { Usage } from '@pawl/core';
import { createWaiting } from './waiting.ts';
import type { NumberedSample, Waiting } from './waiting.ts';

type Report = Omit<RecordingReportInput, 'run'>;

/** Content that a report names. */
export interface OutboxBlob {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** All that a server has not been told yet, in the order it is to be told. */
export interface Unsent {
  readonly run: string;
  /** Null when the server has it. */
  readonly open: RecordingOpenInput | null;
  readonly reports: readonly Report[];
  readonly blobs: readonly OutboxBlob[];
}

export interface OutboxOptions {
  readonly client: Client;
  readonly open: RecordingOpenInput;
  readonly mask: (text: string) => string;
  /** Told once when the server cannot be reached, once when it can again, and when it refuses. */
  readonly warn: (text: string) => void;
  readonly leaseMs: number;
}

export interface Outbox {
  readonly waiting: Waiting;
  /** Adds to the next report; content is sent before it. */
  tell(facts: Pick<Report, 'code' | 'environment' | 'artifacts' | 'usage'>, blobs?: readonly OutboxBlob[]): void;
  /** One try to begin the run at the server; what was tried before need not have failed. Throws what the server refuses. */
  begin(): Promise<RecordingOpen>;
  /** Sends from now on, in the background. */
  start(): void;
  /** Tells the end; gives what could not be sent within the time, or nothing. */
  close(end: NonNullable<Report['end']>, patienceMs: number): Promise<Unsent | undefined>;
}

const FLUSH_MS = 1000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;
const CALL_MS = 30_000;
/** What the server takes; a mask may be longer than what it hides. */
const MOST_LINE = 70_000;

/** Whether another try may succeed: the server is away, is being stopped, or broke. */
export function isPassing(error: unknown): boolean {
  const { code, status } = error as { code?: unknown; status?: unknown };
  return code === 'server_unreachable' || (typeof status === 'number' && (status >= 500 || status === 429));
}

/** Sends reports one after another: each is numbered and goes again until it is taken, so that nothing is lost or doubled while the server is away. */
export function createOutbox({ client, open, mask, warn, leaseMs }: OutboxOptions): Outbox {
  const { run } = open;
  const flushMs = Math.min(FLUSH_MS, leaseMs / 4);
  const waiting = createWaiting();
  let facts: Report | undefined;
  let blobs: OutboxBlob[] = [];
  let opened = false;
  let number = 0;
  let held: Report | undefined;
  let end: Report['end'];
  let refused = false;
  let away = false;
  let sending: Promise<void> | undefined;
  let lastSent = performance.now();
  const stop = new AbortController();
  let wake: () => void = () => undefined;

  /** Until the next look, or until it is woken. */
  function rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function begin(): Promise<RecordingOpen> {
    const answer = await client.recording.open(open, { timeoutMs: CALL_MS, signal: stop.signal });
    opened = true;
    return answer;
  }

  /** The next report, or nothing when there is nothing to tell. */
  function next(): Report | undefined {
    if (held !== undefined) return held;
    const quiet = waiting.isEmpty && facts === undefined;
    if (quiet && end === undefined && performance.now() - lastSent < leaseMs / 4) return undefined;
    const { first, lines, samples } = waiting.take();
    number += 1;
    held = {
      ...facts,
      report: number,
      ...(lines.length === 0
        ? {}
        : {
            console: {
              first,
              lines: lines.map((line) => ({ ...line, time: toMoment(line.time), text: mask(line.text).slice(0, MOST_LINE) })),
            },
          }),
      ...(samples.length === 0 ? {} : { samples: samples.map(toSample) }),
      ...(end !== undefined && waiting.isEmpty ? { end } : {}),
    };
    facts = undefined;
    return held;
  }

  async function send(report: Report): Promise<void> {
    if (!opened) await begin();
    for (let blob = blobs[0]; blob !== undefined; blob = blobs[0]) {
      const { digest, bytes } = blob;
      await client.fetch({ method: 'PUT', path: `/blobs/${digest}`, bytes, options: { timeoutMs: CALL_MS, signal: stop.signal } });
      blobs = blobs.filter((one) => one.digest !== digest);
    }
    await client.recording.report({ run, ...report }, { timeoutMs: CALL_MS, signal: stop.signal });
    held = undefined;
    lastSent = performance.now();
    if (away) warn('the server is back; what happened meanwhile is being recorded');
    away = false;
  }

  async function work(): Promise<void> {
    let retry = FIRST_RETRY_MS;
    while (!stop.signal.aborted && !refused) {
      const report = next();
      if (report === undefined) {
        await rest(flushMs);
        continue;
      }
      try {
        await send(report);
        retry = FIRST_RETRY_MS;
        if (report.end !== undefined) return;
        if (end === undefined) await rest(flushMs);
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!isPassing(error)) {
          refused = true;
          warn(`nothing more is recorded: ${(error as Error).message}`);
          return;
        }
        if (!away) warn(`${(error as Error).message.replace(/;.*$/s, '')}; the command goes on, and is recorded when the server is back`);
        away = true;
        await rest(retry);
        retry = Math.min(retry * 2, LONGEST_RETRY_MS);
      }
    }
  }

  function unsent(): Unsent {
    const reports: Report[] = [];
    for (let report = next(); report !== undefined; report = next()) {
      reports.push(report);
      held = undefined;
      if (report.end !== undefined) break;
    }
    return { run, open: opened ? null : open, reports, blobs };
  }

  return {
    waiting,
    begin,
    tell(more, content = []) {
      facts = { ...facts, ...more, report: 0, artifacts: [...(facts?.artifacts ?? []), ...(more.artifacts ?? [])] };
      blobs.push(...content);
    },
    start() {
      sending = work();
    },
    async close(how, patienceMs) {
      end = how;
      wake();
      const late = setTimeout(() => {
        stop.abort();
        wake();
      }, patienceMs);
      await sending;
      clearTimeout(late);
      return stop.signal.aborted && !refused ? unsent() : undefined;
    },
  };
}

const toMoment = (time: number): string => new Date(time).toISOString();

export function toWireUsage(usage: Usage): NonNullable<Report['usage']> {
  const whole = (value: number | null): number | null => (value === null ? null : Math.round(value));
  return {
    wall_ms: Math.round(usage.wallMs),
    cpu_ms: whole(usage.cpuMs),
    peak_memory_bytes: usage.peakMemoryBytes,
    memory_byte_seconds: usage.memoryByteSeconds,
    read_bytes: usage.readBytes,
    write_bytes: usage.writeBytes,
    gpu_ms: Math.round(usage.gpuMs),
  };
}

function toSample({ step, time, usage, residentBytes, cpuPercent, machine }: NumberedSample): NonNullable<Report['samples']>[number] {
  return {
    step,
    time: toMoment(time),
    usage: toWireUsage(usage),
    resident_bytes: residentBytes,
    cpu_percent: Math.max(0, cpuPercent),
    machine: Object.fromEntries(Object.entries(machine).filter(([, value]) => Number.isFinite(value))),
  };
}
