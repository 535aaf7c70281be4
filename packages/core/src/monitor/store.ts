import type { Page, PageRequest } from '../ports/page.ts';
import type { Alert, AlertState, DetectorState, MonitorBucket, MonitorReference, MonitorSpec, MonitorWindow } from './types.ts';

export interface MonitorReader {
  spec(name: string): Promise<MonitorSpec | undefined>;
  specs(): Promise<readonly MonitorSpec[]>;
  reference(monitor: string, version: number): Promise<MonitorReference | undefined>;
  /** Buckets with from ≤ start < until, oldest first. */
  buckets(monitor: string, version: number, from: number, until: number): Promise<readonly MonitorBucket[]>;
  /** Start and revision of those buckets, without their histograms: to see at little cost whether any changed. */
  bucketRevisions(
    monitor: string,
    version: number,
    from: number,
    until: number,
  ): Promise<readonly { readonly start: number; readonly revision: number }[]>;
  /** Newest first. */
  windows(monitor: string, version: number | undefined, limit: number): Promise<readonly MonitorWindow[]>;
  detector(monitor: string, version: number, detector: string): Promise<DetectorState | undefined>;
}

export interface MonitorStore extends MonitorReader {
  putSpec(spec: MonitorSpec): Promise<void>;
  putReference(reference: MonitorReference): Promise<void>;
  /** Inserts (null) or compare-and-sets on the revision. */
  putBucket(bucket: MonitorBucket, expectedRevision: number | null): Promise<boolean>;
  /** Upsert by (monitor, version, start). */
  putWindow(window: MonitorWindow): Promise<void>;
  putDetector(state: DetectorState, expectedRevision: number | null): Promise<boolean>;
}

export interface AlertReader {
  get(id: string): Promise<Alert | undefined>;
  /** The pending or firing alert of this kind, if any. */
  open(monitor: string, kind: string): Promise<Alert | undefined>;
  /** Newest first. */
  list(filter: { readonly monitor?: string; readonly state?: AlertState }, page: PageRequest): Promise<Page<Alert>>;
}

export interface AlertStore extends AlertReader {
  /** False when another alert of this monitor and kind is open. */
  insert(alert: Alert): Promise<boolean>;
  /** Compare-and-set on `revision`. */
  update(alert: Alert, expectedRevision: number): Promise<boolean>;
}
