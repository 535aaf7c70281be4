import type { EndpointRoute, RouteSource } from '@pawl/core';
import { fault } from '@pawl/core';
import type { Endpoint, EndpointPorts } from './endpoint.ts';
import { createEndpoint } from './endpoint.ts';

/** All endpoints of this process, following the control plane's routes. */
export interface Endpoints {
  names(): readonly string[];
  has(name: string): boolean;
  /** Throws `endpoint_unknown`. */
  get(name: string): Endpoint;
  /** Whether every endpoint that has a version can answer. */
  ready(): boolean;
  close(): Promise<void>;
}

export function createEndpoints(routes: RouteSource, ports: EndpointPorts): Endpoints {
  const endpoints = new Map<string, Endpoint>();
  const closing = new Set<Promise<void>>();

  function follow(current: readonly EndpointRoute[]): void {
    const names = new Set(current.map((route) => route.endpoint));
    for (const route of current) {
      const known = endpoints.get(route.endpoint);
      if (known === undefined) endpoints.set(route.endpoint, createEndpoint(route, ports));
      else known.update(route);
    }
    for (const [name, endpoint] of endpoints) {
      if (names.has(name)) continue;
      endpoints.delete(name);
      const done: Promise<void> = endpoint.close().finally(() => closing.delete(done));
      closing.add(done);
    }
  }

  const unsubscribe = routes.subscribe(follow);
  follow(routes.current());
  return {
    names: () => [...endpoints.keys()].toSorted(),
    has: (name) => endpoints.has(name),
    get: (name) => {
      const endpoint = endpoints.get(name);
      if (endpoint === undefined) throw fault('endpoint_unknown', { name });
      return endpoint;
    },
    ready: () =>
      [...endpoints.values()].every((endpoint) => {
        const state = endpoint.state();
        return state.ready || state.idle;
      }),
    close: async () => {
      unsubscribe();
      await Promise.all([...closing, ...Array.from(endpoints.values(), (endpoint) => endpoint.close())]);
    },
  };
}
