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
 *
 * Refused: binary tensors (an extension that is not announced), the repository, statistics and shared-memory extensions, `generate`.
 */
export type RestCall =
  | { readonly call: 'live' | 'ready' | 'server' | 'models' }
  | { readonly call: 'model' | 'model-ready' | 'infer'; readonly model: string; readonly version: string | undefined };

const fixed: Readonly<Record<string, RestCall>> = {
  '': { call: 'server' },
  'health/live': { call: 'live' },
  'health/ready': { call: 'ready' },
  models: { call: 'models' },
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
  if (root !== 'models' || model === undefined || model === '') return undefined;
  const versioned = rest[0] === 'versions' && rest[1] !== undefined && rest[1] !== '';
  const version = versioned ? rest[1] : undefined;
  const tail = versioned ? rest.slice(2) : rest;
  if (tail.length === 0) return { call: 'model', model, version };
  if (tail.length > 1) return undefined;
  if (tail[0] === 'ready') return { call: 'model-ready', model, version };
  return tail[0] === 'infer' ? { call: 'infer', model, version } : undefined;
}
