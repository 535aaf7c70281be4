/**
 * The scoring protocol of MLflow (`mlflow/mlflow:mlflow/pyfunc/scoring_server/__init__.py`) and its neighbours of the same shape.
 *
 * | call | answer |
 * |---|---|
 * | POST /endpoints/{m}/invocations | `{"predictions": …}` of one model |
 * | GET /endpoints/{m}/ping | 200 when it can answer |
 * | POST /invocations, GET /ping | of the only model; SageMaker's calls are the same |
 * | GET /health, GET /version | where nobody else answers them: `/ping`'s answer, version of this server |
 * | GET /v1/models | KServe v1: `{"models":[name,…]}` |
 * | GET /v1/models/{m}[/versions/{v}] | states of its versions, TensorFlow Serving's and KServe v1's fields together |
 * | POST /v1/models/{m}[/versions/{v}]:explain | KServe v1: `{"explanations": [{base, contributions}]}`, by class where there are several |
 * | POST /v1/models/{m}[/versions/{v}]:predict | `{"predictions"}` for `instances`, `{"outputs"}` for `inputs`; Vertex' form is the same |
 *
 * Refused: Parquet bodies, `:classify`, `:regress`, labels of TensorFlow Serving.
 */
export type ScoringCall =
  | { readonly call: 'invoke' | 'ping'; readonly model: string | undefined }
  | { readonly call: 'version' | 'models' }
  | { readonly call: 'status' | 'predict' | 'explain'; readonly model: string; readonly version: string | undefined };

const fixed: Readonly<Record<string, ScoringCall>> = {
  '/invocations': { call: 'invoke', model: undefined },
  '/ping': { call: 'ping', model: undefined },
  '/health': { call: 'ping', model: undefined },
  '/version': { call: 'version' },
  '/v1/models': { call: 'models' },
};

const ENDPOINT = /^\/endpoints\/([^/]+)\/(invocations|ping)$/;
const MODEL = /^\/v1\/models\/([^/:]+)(?:\/versions\/([^/:]+))?(:predict|:explain)?$/;

/** The call that a target names; undefined: it is not this protocol's. Throws URIError on broken percent-encoding. */
export function toScoringCall(url: string): ScoringCall | undefined {
  const end = url.search(/[?#]/);
  const path = (end === -1 ? url : url.slice(0, end)).replace(/(?<=.)\/$/, '');
  if (Object.hasOwn(fixed, path)) return fixed[path];
  const endpoint = ENDPOINT.exec(path);
  if (endpoint !== null) return { call: endpoint[2] === 'ping' ? 'ping' : 'invoke', model: decodeURIComponent(endpoint[1] as string) };
  const model = MODEL.exec(path);
  if (model === null) return undefined;
  const version = model[2] === undefined ? undefined : decodeURIComponent(model[2]);
  return {
    call: model[3] === undefined ? 'status' : model[3] === ':explain' ? 'explain' : 'predict',
    model: decodeURIComponent(model[1] as string),
    version,
  };
}

/** Whether a target is this protocol's to answer; a server that does more than inference has its own health and version. */
export function isScoring(url: string, alone: boolean): boolean {
  return /^\/(?:invocations|ping|v1\/models|endpoints)(?:[/?#:]|$)/.test(url) || (alone && /^\/(?:health|version)(?:[?#]|$)/.test(url));
}
