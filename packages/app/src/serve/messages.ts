import type { PlaneReport } from '@pawl/serving';

/** A model that is served: what requests call it, and where its files lie. */
export interface ServedModel {
  readonly name: string;
  readonly version: number;
  readonly path: string;
}

/** What a serving process is started with. */
export interface ServeSettings {
  readonly models: readonly ServedModel[];
  readonly host: string;
  readonly port: number;
  readonly grpcPort: number | undefined;
  /** Python of models that only Python opens; undefined: one of each model's own requirements, made under `home`. */
  readonly modelPython: string | undefined;
  readonly home: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** From a worker. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly problem: string }
  | { readonly kind: 'report'; readonly id: number; readonly report: PlaneReport }
  /** Asks for what all workers tell together. */
  | { readonly kind: 'ask'; readonly id: number };

/** To a worker. */
export type PrimaryMessage =
  | { readonly kind: 'start'; readonly settings: ServeSettings }
  | { readonly kind: 'report'; readonly id: number }
  | { readonly kind: 'told'; readonly id: number; readonly report: PlaneReport };
