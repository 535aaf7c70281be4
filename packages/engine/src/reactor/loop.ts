import type { EventType } from '@pawl/core';

/** A background activity in steps. It holds no timer and tells the time by the clock port only: whoever runs it decides when to call again. */
export interface Loop {
  readonly name: string;
  /** Events that may give it something to do at once. Absent: all, but those of tracked runs and of tasks, of which there may be thousands a second and few want any. */
  readonly wakes?: ReadonlySet<EventType>;
  /** One step; true when it did something and wants to be called again at once. What it throws is a failure: whoever runs it tells it, and pauses longer each time. */
  tick(): Promise<boolean>;
}
