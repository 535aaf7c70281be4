import { execFile } from 'node:child_process';

export interface Gpu {
  readonly index: number;
  readonly name: string;
  /** By MLflow's names of it without `gpu_<index>_`. */
  readonly values: Readonly<Record<string, number>>;
}

const FIELDS = 'index,name,utilization.gpu,memory.used,memory.total,power.draw,power.limit';
const TIMEOUT_MS = 5000;
/** `nvidia-smi` counts memory in MiB, MLflow in megabytes. */
const MIB_IN_MEGABYTES = 1.048576;

/** The GPUs that NVIDIA's own program tells of; none where it is not installed or finds no driver. */
export function listGpus(): Promise<readonly Gpu[]> {
  return new Promise((done) => {
    execFile('nvidia-smi', [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits'], { timeout: TIMEOUT_MS }, (error, text) =>
      done(error === null ? text.split('\n').flatMap(toGpu) : []),
    );
  });
}

/** One line of its table; a field that a GPU does not have reads `[N/A]`. */
export function toGpu(line: string): readonly Gpu[] {
  const [index = '', name = '', ...rest] = line.split(',').map((field) => field.trim());
  if (!/^\d+$/.test(index)) return [];
  const [utilization = NaN, used = NaN, total = NaN, power = NaN, limit = NaN] = rest.map(Number);
  const values = {
    utilization_percentage: utilization,
    memory_usage_megabytes: used * MIB_IN_MEGABYTES,
    memory_usage_percentage: (used / total) * 100,
    power_usage_watts: power,
    power_usage_percentage: (power / limit) * 100,
  };
  return [{ index: Number(index), name, values: Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value))) }];
}
