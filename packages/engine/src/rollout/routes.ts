import { candidateWeight } from '@pawl/core';
import type { Arm, Database, Endpoint, EndpointRoute, RouteSource } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';

/** Where traffic goes, read from the database: `tick` reads again and tells the data plane of each change. */
export interface RouteTable extends RouteSource, Loop {}

export function createRouteTable({ database }: { readonly database: Database }): RouteTable {
  let routes: readonly EndpointRoute[] = [];
  let fingerprint = '[]';
  const listeners = new Set<(routes: readonly EndpointRoute[]) => void>();

  const armOf = async (model: string, version: number, name: Arm['name'], weight: number): Promise<Arm[]> => {
    const found = await database.read.models.version(model, version);
    const digest = found?.package ?? null;
    return digest === null ? [] : [{ name, version, package: digest, weight }];
  };

  const toRoute = async (endpoint: Endpoint): Promise<EndpointRoute> => {
    const rollout = endpoint.rollout === null ? undefined : await database.read.rollouts.get(endpoint.rollout);
    const weight = rollout === undefined ? 0 : candidateWeight(rollout);
    const stable = endpoint.stable === null ? [] : await armOf(endpoint.model, endpoint.stable, 'stable', 1 - weight);
    const candidate = rollout === undefined ? [] : await armOf(endpoint.model, rollout.candidate, 'candidate', weight);
    return { endpoint: endpoint.name, model: endpoint.model, rollout: rollout?.id ?? null, arms: [...stable, ...candidate] };
  };

  return {
    name: 'routes',
    current: () => routes,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    async tick() {
      const next: EndpointRoute[] = [];
      for (const endpoint of await database.read.rollouts.endpoints()) next.push(await toRoute(endpoint));
      const text = JSON.stringify(next);
      if (text === fingerprint) return false;
      fingerprint = text;
      routes = next;
      for (const listener of listeners) listener(routes);
      return false;
    },
  };
}
