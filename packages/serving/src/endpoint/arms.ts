import type { Digest, EndpointRoute } from '@pawl/core';
import { isFault } from '@pawl/core';
import type { LoadPorts, LoadedModel } from './loaded-model.ts';
import type { VersionState } from './endpoint.ts';
import type { Span } from './statistics.ts';
import { loadModel } from './loaded-model.ts';

/** The models behind one endpoint. Traffic follows a route only as far as its models are warm. */
export interface Arms {
  /** Makes this the route wanted: loads what is missing, and lets go of what neither it nor the traffic needs. */
  update(route: EndpointRoute): void;
  /** The route that traffic takes now; undefined while none can answer. All its models are in `model`. */
  route(): EndpointRoute | undefined;
  /** The route wanted. */
  wanted(): EndpointRoute;
  model(digest: Digest): LoadedModel | undefined;
  /** How each version stands. */
  versions(): readonly VersionState[];
  /** Runs of a version's model since it was loaded; none when it is not. */
  executions(version: number): Span;
  /** Why nothing can answer yet. */
  reason(): string;
  /** Lets every model finish what it answers, then frees it. */
  close(): Promise<void>;
}

type Slot =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly model: LoadedModel }
  | { readonly state: 'failed'; readonly reason: string; readonly retry: NodeJS.Timeout | undefined };

const RETRY_MS = 5000;

export function createArms(first: EndpointRoute, ports: LoadPorts, maxBatchRows: number): Arms {
  const { logger } = ports;
  const slots = new Map<Digest, Slot>();
  /** Loads and retirements under way. */
  const busy = new Set<Promise<void>>();
  let wanted = first;
  let current: EndpointRoute | undefined;
  let closed = false;

  const isReady = (digest: Digest): boolean => slots.get(digest)?.state === 'ready';

  /** What traffic may take: the route wanted once all of it is warm, else its stable arm alone, else what it took before. */
  function settle(): void {
    const stable = wanted.arms.find((arm) => arm.name === 'stable');
    if (wanted.arms.every((arm) => isReady(arm.package))) current = wanted.arms.length === 0 ? undefined : wanted;
    else if (stable !== undefined && isReady(stable.package)) current = { ...wanted, arms: [{ ...stable, weight: 1 }] };
    const needed = new Set([...wanted.arms, ...(current?.arms ?? [])].map((arm) => arm.package));
    for (const [digest, slot] of slots) if (!needed.has(digest)) drop(digest, slot);
  }

  function drop(digest: Digest, slot: Slot): void {
    // A model that still loads is dropped when it has: see load().
    if (slot.state === 'loading') return;
    slots.delete(digest);
    if (slot.state === 'failed') clearTimeout(slot.retry);
    else track(slot.model.retire());
  }

  function track(work: Promise<void>): void {
    const done: Promise<void> = work.finally(() => busy.delete(done));
    busy.add(done);
  }

  async function load(digest: Digest): Promise<void> {
    slots.set(digest, { state: 'loading' });
    const fields = { endpoint: wanted.endpoint, model: wanted.model, package: digest };
    try {
      const model = await loadModel(ports, digest, maxBatchRows);
      if (closed) {
        await model.retire();
        return;
      }
      slots.set(digest, { state: 'ready', model });
      logger.info({ ...fields, engine: model.served.engine }, 'model ready');
    } catch (error) {
      logger.error({ ...fields, err: error }, 'model not loaded');
      // Only a fault's message is fit for clients.
      const reason = isFault(error) ? error.message : 'it failed on a row of zeros';
      // A package that is wrong stays wrong; what the surroundings did may pass.
      const hopeless = isFault(error) && error.kind === 'user' && error.code !== 'blob_not_found';
      const retry = hopeless || closed ? undefined : setTimeout(() => track(load(digest)), RETRY_MS).unref();
      slots.set(digest, { state: 'failed', reason, retry });
    }
    settle();
  }

  function update(route: EndpointRoute): void {
    wanted = route;
    for (const arm of route.arms) if (!slots.has(arm.package)) track(load(arm.package));
    settle();
  }

  update(first);
  return {
    update,
    route: () => current,
    wanted: () => wanted,
    model: (digest) => {
      const slot = slots.get(digest);
      return slot?.state === 'ready' ? slot.model : undefined;
    },
    versions: () =>
      wanted.arms.map(({ version, package: digest }) => {
        const slot = slots.get(digest);
        if (slot?.state === 'failed') return { version, state: 'UNAVAILABLE', reason: slot.reason };
        return slot?.state === 'ready' ? { version, state: 'READY', reason: '' } : { version, state: 'LOADING', reason: 'it is loading' };
      }),
    executions: (version) => {
      const arm = wanted.arms.find((one) => one.version === version);
      const slot = arm && slots.get(arm.package);
      return slot?.state === 'ready' ? slot.model.executions() : { count: 0, ms: 0 };
    },
    reason: () => {
      if (wanted.arms.length === 0) return 'no model version has been promoted to it yet';
      for (const arm of wanted.arms) {
        const slot = slots.get(arm.package);
        if (slot?.state === 'failed') return `version ${arm.version} could not be loaded (${slot.reason.replace(/\.$/, '')})`;
      }
      return 'its model is loading';
    },
    close: async () => {
      closed = true;
      current = undefined;
      for (const [digest, slot] of slots) drop(digest, slot);
      while (busy.size > 0) await Promise.all(busy);
    },
  };
}
