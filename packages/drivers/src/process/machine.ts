import { readFile, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { listGpus } from './gpu.ts';

export interface Machine {
  /** What of the machine is in use, by MLflow's names without `system/`. */
  look(): Promise<Readonly<Record<string, number>>>;
  /** GPUs seen at the first look; 0 before it. */
  gpus(): number;
}

const MEGABYTE = 1e6;
/** Looks closer together are one: several commands may ask at once, and a share of next to no time says nothing. */
const SAME_LOOK_MS = 500;

interface Counters {
  readonly busy: number;
  readonly total: number;
}

/** Traffic counts from the making of this. Shares of processors are since the look before. */
export function createMachine(): Machine {
  let before = countProcessors();
  let traffic: Promise<Traffic> | undefined;
  let latest: Promise<Readonly<Record<string, number>>> | undefined;
  let latestAt = -Infinity;
  let gpuCount: number | undefined;

  async function lookNow(): Promise<Readonly<Record<string, number>>> {
    traffic ??= readTraffic();
    const start = await traffic;
    const [now, disk, gpus] = await Promise.all([
      readTraffic(),
      statfs('/').catch(() => undefined),
      gpuCount === 0 ? Promise.resolve([]) : listGpus(),
    ]);
    gpuCount ??= gpus.length;
    const after = countProcessors();
    const share = after.total > before.total ? (after.busy - before.busy) / (after.total - before.total) : 0;
    before = after;
    const used = totalmem() - freemem();
    const values: Record<string, number> = {
      cpu_utilization_percentage: share * 100,
      system_memory_usage_megabytes: used / MEGABYTE,
      system_memory_usage_percentage: (used / totalmem()) * 100,
    };
    if (disk !== undefined && disk.blocks > 0) {
      const taken = disk.blocks - disk.bfree;
      values['disk_usage_percentage'] = (taken / (taken + disk.bavail)) * 100;
      values['disk_usage_megabytes'] = (taken * disk.bsize) / MEGABYTE;
      values['disk_available_megabytes'] = (disk.bavail * disk.bsize) / MEGABYTE;
    }
    if (now !== undefined && start !== undefined) {
      values['network_receive_megabytes'] = (now.received - start.received) / MEGABYTE;
      values['network_transmit_megabytes'] = (now.sent - start.sent) / MEGABYTE;
    }
    for (const gpu of gpus) for (const [name, value] of Object.entries(gpu.values)) values[`gpu_${gpu.index}_${name}`] = value;
    return values;
  }

  return {
    gpus: () => gpuCount ?? 0,
    look() {
      if (latest !== undefined && performance.now() - latestAt < SAME_LOOK_MS) return latest;
      latestAt = performance.now();
      latest = lookNow();
      return latest;
    },
  };
}

function countProcessors(): Counters {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.idle + times.irq;
    total += sum;
    busy += sum - times.idle;
  }
  return { busy, total };
}

type Traffic = { readonly received: number; readonly sent: number } | undefined;

/** Bytes over all interfaces but the loopback; undefined where the system does not tell. */
async function readTraffic(): Promise<Traffic> {
  const text = await readFile('/proc/net/dev', 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let received = 0;
  let sent = 0;
  for (const line of text.split('\n')) {
    const match = /^\s*([^:\s]+):\s*(.*)$/.exec(line);
    if (match?.[2] === undefined || match[1] === 'lo') continue;
    const fields = match[2].split(/\s+/).map(Number);
    received += fields[0] ?? 0;
    sent += fields[8] ?? 0;
  }
  return { received, sent };
}
