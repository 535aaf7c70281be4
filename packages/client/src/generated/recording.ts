// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface RecordingGetInput {
  readonly run: string;
}

export interface RecordingGet {
  readonly recording: RecordingReport | null;
  readonly usage: readonly {
    readonly wall_ms: number;
    readonly cpu_ms: number | null;
    readonly peak_memory_bytes: number | null;
    /** Resident bytes, integrated over time. */
    readonly memory_byte_seconds: number | null;
    readonly read_bytes: number | null;
    readonly write_bytes: number | null;
    readonly gpu_ms: number;
    /** Empty for the run's own command, else the step's name. */
    readonly source: string;
    readonly attempt: number;
    readonly task: string | null;
    readonly machine: string | null;
    readonly cost: {
      readonly amount: number;
      readonly currency: string;
    } | null;
  }[];
  readonly cost: {
    readonly amount: number;
    readonly currency: string;
  } | null;
  readonly data: readonly {
    readonly role: string;
    /** `name:version`. */
    readonly ref: string;
    readonly manifest: string;
    readonly rows: number | null;
    readonly bytes: number;
    readonly status: 'unchecked' | 'accepted' | 'rejected';
  }[];
  readonly pipeline: {
    readonly name: string;
    readonly tasks: readonly {
      readonly id: string;
      readonly step: string;
      readonly state: string;
      readonly attempt: number;
    }[];
  } | null;
}

export interface RecordingLinkInput {
  readonly run: string;
  readonly inputs: readonly {
    /** `name:version`. */
    readonly ref: string;
    /** What it was used for, such as `training`. */
    readonly role: string;
  }[];
}

export interface RecordingLink {
  readonly linked: number;
}

export interface RecordingOpenInput {
  readonly run: string;
  readonly experiment?: string | undefined;
  readonly name?: string | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly inputs?:
    | readonly {
        /** `name:version`. */
        readonly ref: string;
        /** What it was used for, such as `training`. */
        readonly role: string;
      }[]
    | undefined;
  readonly started_at?: string | undefined;
  readonly command: string;
  readonly host?: string | undefined;
  /** Names a row of the price table. */
  readonly machine?: (string | null) | undefined;
  /** Silence after which the run counts as killed. */
  readonly lease_ms?: number | undefined;
}

export interface RecordingOpen {
  readonly id: string;
  readonly name: string;
  readonly experiment: number;
  readonly status: string;
  /** With the versions that were the latest. */
  readonly inputs: readonly {
    /** `name:version`. */
    readonly ref: string;
    /** What it was used for, such as `training`. */
    readonly role: string;
  }[];
}

export interface RecordingReportInput {
  readonly run: string;
  /** 1, 2, 3, …; one that was taken is not taken again. */
  readonly report: number;
  readonly console?:
    | {
        /** Number of the first of these lines. */
        readonly first: number;
        readonly lines: readonly {
          readonly time: string;
          readonly stream: 'stdout' | 'stderr';
          readonly text: string;
        }[];
      }
    | undefined;
  readonly samples?:
    | readonly {
        readonly step: number;
        readonly time: string;
        readonly usage: {
          readonly wall_ms: number;
          readonly cpu_ms: number | null;
          readonly peak_memory_bytes: number | null;
          /** Resident bytes, integrated over time. */
          readonly memory_byte_seconds: number | null;
          readonly read_bytes: number | null;
          readonly write_bytes: number | null;
          readonly gpu_ms: number;
        };
        readonly resident_bytes: number;
        readonly cpu_percent: number;
        /** By MLflow’s names without `system/`. */
        readonly machine: Readonly<Record<string, number>>;
      }[]
    | undefined;
  /** In all so far. */
  readonly usage?:
    | {
        readonly wall_ms: number;
        readonly cpu_ms: number | null;
        readonly peak_memory_bytes: number | null;
        /** Resident bytes, integrated over time. */
        readonly memory_byte_seconds: number | null;
        readonly read_bytes: number | null;
        readonly write_bytes: number | null;
        readonly gpu_ms: number;
      }
    | undefined;
  readonly code?:
    | {
        readonly commit: string;
        readonly branch: string | null;
        readonly patch: string | null;
      }
    | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Files whose content is stored already. */
  readonly artifacts?:
    | readonly {
        readonly path: string;
        readonly digest: string;
        readonly size: number;
      }[]
    | undefined;
  readonly inputs?:
    | readonly {
        /** `name:version`. */
        readonly ref: string;
        /** What it was used for, such as `training`. */
        readonly role: string;
      }[]
    | undefined;
  readonly end?:
    | {
        readonly at: string;
        readonly exit_code: number | null;
        readonly signal: string | null;
        /** Whether it was asked to stop. */
        readonly stopped: boolean;
        /** Of the metrics that say what was used in all. */
        readonly step?: number | undefined;
      }
    | undefined;
}

export interface RecordingReport {
  readonly command: string;
  readonly host: string;
  readonly machine: string | null;
  readonly state: 'open' | 'ended' | 'lost';
  readonly report: number;
  readonly heard_at: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
  /** Lines written so far. */
  readonly lines: number;
}

export interface RecordingClient {
  /** Shows how a run came about: its command, what that used and cost, the data it read, the steps of its pipeline. */
  get(input: RecordingGetInput, options?: CallOptions): Promise<RecordingGet>;
  /** Adds dataset versions that a run reads. */
  link(input: RecordingLinkInput, options?: CallOptions): Promise<RecordingLink>;
  /** Begins a run for a command, under an id that the caller chose; asked again, it gives the same run. */
  open(input: RecordingOpenInput, options?: CallOptions): Promise<RecordingOpen>;
  /** Tells what a command did since the report before: lines, samples, use, surroundings, its end. */
  report(input: RecordingReportInput, options?: CallOptions): Promise<RecordingReport>;
}

export function createRecordingClient(send: Send): RecordingClient {
  return {
    get: ({ run }, options) => send({ method: 'GET', path: `/runs/${encodeURIComponent(run)}/recording`, options }),
    link: ({ run, ...body }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/inputs`, body, options }),
    open: ({ run, ...body }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/recording`, body, options }),
    report: ({ run, ...body }, options) => send({ method: 'POST', path: `/runs/${encodeURIComponent(run)}/reports`, body, options }),
  };
}
