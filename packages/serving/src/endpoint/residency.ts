import type { Log, Resident } from '@pawl/core';
import { chooseToRest } from '@pawl/core';

/** A model that can leave memory and come back. */
export interface Sleeper extends Resident {
  /** Frees the memory; it is loaded again when it is next asked. Only called while it is not busy. */
  rest(): void;
}

/** Models in memory, within a budget. One for all endpoints. */
export interface Residency {
  /** Loads a model when it is its turn: only a few load at once. */
  load<Result>(open: () => Promise<Result>): Promise<Result>;
  /** A model has come into memory. */
  add(model: Sleeper): void;
  /** A model has left it by itself, for good. */
  remove(model: Sleeper): void;
  /** A model has become idle: it may go. */
  settle(): void;
  /** What is in memory. */
  usage(): { readonly models: number; readonly bytes: number };
}

/** Loading is work of processors: more at once would only be slower each. */
const LOADS_AT_ONCE = 4;

/** @param budget bytes; 0: no limit */
export function createResidency(budget: number, logger: Log): Residency {
  const models = new Set<Sleeper>();
  const queue: (() => void)[] = [];
  let loading = 0;

  function settle(): void {
    for (const model of chooseToRest([...models], budget)) {
      models.delete(model);
      logger.debug({ bytes: model.bytes }, 'model rests');
      model.rest();
    }
  }

  return {
    async load(open) {
      if (loading >= LOADS_AT_ONCE) await new Promise<void>((resolve) => queue.push(resolve));
      loading += 1;
      try {
        return await open();
      } finally {
        loading -= 1;
        queue.shift()?.();
      }
    },
    add: (model) => {
      models.add(model);
      settle();
    },
    remove: (model) => void models.delete(model),
    settle,
    usage: () => ({ models: models.size, bytes: [...models].reduce((sum, { bytes }) => sum + bytes, 0) }),
  };
}
