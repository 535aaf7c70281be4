import type { Page } from '../ports/page.ts';
import type { LoggedModelSearch } from './search.ts';
import type { LoggedModel, LoggedModelMetric } from './types.ts';

export interface LoggedModelReader {
  /** Undefined also for one that was deleted, unless those are asked for. */
  get(id: string, which?: 'also deleted'): Promise<LoggedModel | undefined>;
  /** Without deleted ones; by the orders asked, then newest first, then by id. Throws `invalid_cursor`. */
  search(request: LoggedModelSearch): Promise<Page<LoggedModel>>;
  /** All values of these models, by model, key, step and time. */
  metrics(models: readonly string[]): Promise<readonly LoggedModelMetric[]>;
}

export interface LoggedModelStore extends LoggedModelReader {
  insert(model: LoggedModel): Promise<void>;
  /** Writes status, tags and the time of change; tags become exactly those given, params are added to. */
  update(model: LoggedModel): Promise<void>;
  /** Hides it; its rows stay for what refers to them. */
  remove(id: string, at: number): Promise<void>;
  /** The same value of the same run at the same step and time counts once. */
  addMetrics(metrics: readonly LoggedModelMetric[]): Promise<void>;
}
