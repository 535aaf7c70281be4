import type { Digest } from '../ports/digest.ts';
import type { JsonObject } from '../ports/json.ts';

export interface MonitorSpec {
  readonly name: string;
  readonly endpoint: string;
  /** Length of a bucket in event time; a window is the sum of the last `windowBuckets`. */
  readonly bucketMs: number;
  readonly windowBuckets: number;
  /** Fewer rows than this give no verdict. */
  readonly minRows: number;
  readonly drift: {
    /** Columns watched; empty: every numeric input. */
    readonly features: readonly string[];
    /** Largest change, as PSI, that is of no interest. */
    readonly delta: number;
    /** False-discovery rate over the features of one window. */
    readonly q: number;
    /** Windows (of the last `of`) in which the same feature must be flagged. */
    readonly flags: number;
    readonly of: number;
  };
  readonly quality: {
    /** False-alarm parameter of ADWIN on the errors. */
    readonly adwinDelta: number;
    /** A window's error rate proven above this fires too; null: off. */
    readonly maxErrorRate: number | null;
    readonly maxFalsePositiveRate: number | null;
  };
  readonly webhook: string | null;
}

/** Profile that windows are compared with: the training data of one model version. */
export interface MonitorReference {
  readonly monitor: string;
  readonly version: number;
  /** Blob with the histograms as canonical JSON. */
  readonly profile: Digest;
  readonly rows: number;
}

/** Confusion counts of labelled predictions. */
export interface QualityCounts {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

/** One (monitor, model version, bucket of event time). Merging two is addition. */
export interface MonitorBucket {
  readonly monitor: string;
  readonly version: number;
  readonly start: number;
  readonly rows: number;
  /** Histograms by feature, under the reference's edges. */
  readonly histograms: JsonObject;
  readonly quality: QualityCounts;
  /** Grows with every change. */
  readonly revision: number;
}

export interface FeatureDrift {
  readonly feature: string;
  readonly effect: number;
  readonly low: number;
  readonly high: number;
  readonly p: number;
  readonly adjusted: number;
  readonly flagged: boolean;
}

/** What a closed window showed. */
export interface MonitorWindow {
  readonly monitor: string;
  readonly version: number;
  /** Inclusive; the end is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  readonly status: 'ok' | 'drift' | 'not_enough_data';
  readonly drift: readonly FeatureDrift[];
  readonly quality: QualityCounts;
  /** Evaluated again after late rows. */
  readonly revised: boolean;
}

export type AlertKind = 'drift' | 'quality';
export type AlertState = 'pending' | 'firing' | 'resolved';

export interface Alert {
  readonly id: string;
  readonly monitor: string;
  readonly kind: AlertKind;
  readonly version: number;
  readonly state: AlertState;
  readonly pendingAt: number;
  readonly firedAt: number | null;
  readonly resolvedAt: number | null;
  readonly summary: string;
  readonly evidence: JsonObject;
  readonly revision: number;
}

/** State of a detector that reads a stream: plain JSON, survives a restart bit for bit. */
export interface DetectorState {
  readonly monitor: string;
  readonly version: number;
  readonly detector: string;
  readonly state: JsonObject;
  readonly revision: number;
}
