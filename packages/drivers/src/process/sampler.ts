import { sampleInterval } from '@pawl/core';
import type { Clock, Usage, UsageSample } from '@pawl/core';
import type { Machine } from './machine.ts';
import { createUsageMeter } from './usage.ts';

export interface SamplerOptions {
  readonly pid: number;
  readonly clock: Clock;
  readonly machine: Machine;
  /** Of the command: it may be given a part of the GPUs only. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told at every sample; nothing is sampled when absent, and only the sum measured. */
  readonly onSample?: ((sample: UsageSample) => void) | undefined;
  /** Most memory of the tree. */
  readonly limitBytes?: number | undefined;
  /** Called once, when it has more. */
  readonly onExceeded?: () => void;
}

export interface Sampler {
  /** So far, or in all once it is stopped. */
  usage(): Usage;
  /** Ends the measuring. */
  stop(): void;
}

/** Follows what a tree of processes uses, from its first process's id. */
export function createSampler({ pid, clock, machine, env, onSample, limitBytes, onExceeded }: SamplerOptions): Sampler {
  const began = performance.now();
  const visible = env['CUDA_VISIBLE_DEVICES']?.split(',').filter((name) => name.trim() !== '' && name.trim() !== '-1').length;
  const meter = createUsageMeter(pid, {
    gpus: () => Math.min(machine.gpus(), visible ?? Infinity),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(onExceeded === undefined ? {} : { onExceeded }),
  });
  let timer: NodeJS.Timeout | undefined;
  let last = { at: began, cpuMs: 0 };
  let stopped = false;

  async function sample(): Promise<void> {
    const values = await machine.look();
    if (stopped) return;
    const usage = meter.read();
    const at = performance.now();
    const cpuMs = usage.cpuMs ?? 0;
    const cpuPercent = at > last.at ? ((cpuMs - last.cpuMs) / (at - last.at)) * 100 : 0;
    last = { at, cpuMs };
    onSample?.({ time: clock.now(), usage, residentBytes: meter.resident(), cpuPercent, machine: values });
    schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => void sample(), sampleInterval(performance.now() - began)).unref();
  }

  if (onSample !== undefined) {
    // The first look is what the shares of the second one count from, and finds the GPUs.
    void machine.look();
    schedule();
  }
  return {
    usage: () => meter.read(),
    stop() {
      stopped = true;
      clearTimeout(timer);
      meter.stop();
    },
  };
}
