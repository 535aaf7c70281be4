import type { Digest } from '../ports/digest.ts';

/** What a command runs in, as far as its result may depend on it. Two runs with the same digest of this ran the same software. */
export interface EnvironmentLock {
  /** Such as `linux-x64`. */
  readonly platform: string;
  readonly python: PythonEnvironment | null;
  readonly node: string | null;
  /** Lock files of the project, by path. */
  readonly files: Readonly<Record<string, Digest>>;
}

export interface PythonEnvironment {
  readonly version: string;
  readonly implementation: string;
  /** Version by name, sorted; of what was not installed from an index, its origin too. */
  readonly packages: Readonly<Record<string, string>>;
}

/** What a command runs on. */
export interface MachineDescription {
  readonly host: string;
  readonly os: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpus: readonly string[];
}

/** A lock, and the lock files it names with their content. */
export interface InspectedEnvironment {
  readonly lock: EnvironmentLock;
  readonly machine: MachineDescription;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

/** Tells what a command would run in. What cannot be found out is left out. */
export interface EnvironmentInspector {
  inspect(command: {
    readonly argv: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  }): Promise<InspectedEnvironment>;
}

/** The environment as a run's record shows it, in a few words each; `digest` is that of the lock. */
export function toEnvironmentFields({ lock, machine }: InspectedEnvironment, digest: Digest): Readonly<Record<string, string>> {
  const { python, node } = lock;
  return {
    lock: digest,
    platform: lock.platform,
    ...(python === null ? {} : { python: python.version, packages: String(Object.keys(python.packages).length) }),
    ...(node === null ? {} : { node }),
    host: machine.host,
    os: machine.os,
    cpu: machine.cpu,
    cores: String(machine.cores),
    memory: `${(machine.memoryBytes / 1024 ** 3).toFixed(1)} GiB`,
    ...(machine.gpus.length === 0 ? {} : { gpu: machine.gpus.join(', ') }),
  };
}
