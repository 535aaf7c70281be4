/**
 * The calls of the Open Inference Protocol, REST
 * (https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md).
 *
 * | call | answer |
 * |---|---|
 * | GET /v2/health/live | `{"live":true}` |
 * | GET /v2/health/ready | 200 or 503 |
 * | GET /v2 | server metadata |
 * | GET /v2/models | `{"models":[name,…]}` |
 * | GET /v2/models/{m}[/versions/{v}] | metadata of an endpoint |
 * | GET /v2/models/{m}[/versions/{v}]/ready | 200 or 503 |
 * | POST /v2/models/{m}[/versions/{v}]/infer | inference |
 * | GET /v2/models/{m}[/versions/{v}]/config | configuration |
 * | GET /v2/models[/{m}[/versions/{v}]]/stats | statistics |
 * | POST /v2/repository/index | every version and how it stands |
 * | POST /v2/repository/models/{m}/load, unload | 501: models come and go with rollouts |
 *
 * Not there: shared memory, `generate`.
 */
export type RestCall =
  | { readonly call: 'live' | 'ready' | 'server' | 'models' | 'index' | 'stats' }
  | {
      readonly call: 'model' | 'model-ready' | 'infer' | 'config' | 'model-stats' | 'load';
      readonly model: string;
      readonly version: string | undefined;
    };

const fixed: Readonly<Record<string, RestCall>> = {
  '': { call: 'server' },
  'health/live': { call: 'live' },
  'health/ready': { call: 'ready' },
  models: { call: 'models' },
  // The extension's path, and so no model's called stats.
  'models/stats': { call: 'stats' },
  'repository/index': { call: 'index' },
};

const tails: Readonly<Record<string, 'model-ready' | 'infer' | 'config' | 'model-stats'>> = {
  ready: 'model-ready',
  infer: 'infer',
  config: 'config',
  stats: 'model-stats',
};

/** Path of a request without its query. */
function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

/** Whether a URL is this protocol's to answer. */
export function isRest(url: string): boolean {
  const path = pathOf(url);
  return path === '/v2' || path.startsWith('/v2/');
}

/** The call a URL names; undefined when there is none. Throws URIError on broken percent-encoding. */
export function toRestCall(url: string): RestCall | undefined {
  const path = pathOf(url).slice('/v2'.length).replace(/^\//, '').replace(/\/$/, '');
  if (Object.hasOwn(fixed, path)) return fixed[path];
  const parts = path.split('/').map(decodeURIComponent);
  const [root, model, ...rest] = parts;
  if (root === 'repository' && model === 'models') {
    const [name, verb] = rest;
    const known = rest.length === 2 && name !== '' && (verb === 'load' || verb === 'unload');
    return known ? { call: 'load', model: name ?? '', version: undefined } : undefined;
  }
  if (root !== 'models' || model === undefined || model === '') return undefined;
  const versioned = rest[0] === 'versions' && rest[1] !== undefined && rest[1] !== '';
  const version = versioned ? rest[1] : undefined;
  const tail = versioned ? rest.slice(2) : rest;
  if (tail.length === 0) return { call: 'model', model, version };
  if (tail.length > 1) return undefined;
  const call = Object.hasOwn(tails, tail[0] ?? '') ? tails[tail[0] ?? ''] : undefined;
  return call && { call, model, version };
}
