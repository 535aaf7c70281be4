export interface Operation {
  readonly method: string;
  /** Parameters as `{name}`. */
  readonly path: string;
}

export interface Refusal {
  readonly why: string;
  readonly operations: readonly Operation[];
}

/** What is answered beside the JSON operations of `mlflowRoutes`: streams, pages, and lists of the artifact proxy. Each also under /ajax-api where it is under /api. */
export const transfers: readonly Operation[] = toOperations(`
  GET /health
  GET /version
  POST /v1/traces
  GET /api/2.0/mlflow-artifacts/artifacts
  GET /api/2.0/mlflow-artifacts/artifacts/{path}
  PUT /api/2.0/mlflow-artifacts/artifacts/{path}
  DELETE /api/2.0/mlflow-artifacts/artifacts/{path}
  POST /api/2.0/mlflow-artifacts/mpu/create/{path}
  POST /api/2.0/mlflow-artifacts/mpu/complete/{path}
  POST /api/2.0/mlflow-artifacts/mpu/abort/{path}
  GET /api/2.0/mlflow-artifacts/presigned/{path}
  GET /ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files
  GET /get-artifact
  GET /model-versions/get-artifact
`);

/** What MLflow answers and this server does not: 404 ENDPOINT_NOT_FOUND, on which clients go on without. */
export const refusals: readonly Refusal[] = [
  {
    why: 'MLflow’s own browser pages; Pawl has its own',
    operations: toOperations(`
      GET /graphql
      POST /graphql
      GET /ajax-api/3.0/mlflow/ui-telemetry
      POST /ajax-api/3.0/mlflow/ui-telemetry
      GET /ajax-api/3.0/jobs
      POST /ajax-api/3.0/jobs
      PATCH /ajax-api/3.0/jobs
      POST /ajax-api/2.0/mlflow/upload-artifact
      POST /ajax-api/2.0/mlflow/runs/create-promptlab-run
      GET /ajax-api/2.0/mlflow/gateway-proxy
      POST /ajax-api/2.0/mlflow/gateway-proxy
    `),
  },
  {
    why: 'artifacts go through this server, and large ones in parts (`mpu`)',
    operations: toOperations(`
      POST /api/2.0/mlflow/artifacts/presigned-upload-url
    `),
  },
  {
    why: 'the 3.0 route of the same name takes its place',
    operations: toOperations(`
      POST /api/2.0/mlflow/traces
      PATCH /api/2.0/mlflow/traces/{request_id}
      GET /api/2.0/mlflow/traces/{request_id}/info
      GET /api/2.0/mlflow/traces
    `),
  },
  {
    why: 'statistics of traces are not kept',
    operations: toOperations(`
      POST /api/3.0/mlflow/traces/calculate-filter-correlation
      POST /api/3.0/mlflow/traces/metrics
    `),
  },
  {
    why: 'spans come with the trace, files through the artifact proxy',
    operations: toOperations(`
      GET /ajax-api/3.0/mlflow/get-trace-artifact
    `),
  },
  {
    why: 'only Databricks answers it',
    operations: toOperations(`
      GET /api/2.0/mlflow/unified-traces
      GET /api/2.0/mlflow/get-online-trace-details
    `),
  },
  {
    why: 'no access control of MLflow’s kind; see 0011 of the decisions',
    operations: toOperations(`
      POST /api/2.0/mlflow/users/create
      POST /api/2.0/mlflow/users/get
      POST /api/2.0/mlflow/users/current
      POST /api/2.0/mlflow/users/update-password
      POST /api/2.0/mlflow/users/update-admin
      POST /api/2.0/mlflow/users/delete
      POST /api/2.0/mlflow/users/list
      POST /api/2.0/mlflow/experiments/permissions/create
      POST /api/2.0/mlflow/experiments/permissions/get
      POST /api/2.0/mlflow/experiments/permissions/update
      POST /api/2.0/mlflow/experiments/permissions/delete
      POST /api/2.0/mlflow/registered-models/permissions/create
      POST /api/2.0/mlflow/registered-models/permissions/get
      POST /api/2.0/mlflow/registered-models/permissions/update
      POST /api/2.0/mlflow/registered-models/permissions/delete
      POST /api/3.0/mlflow/roles
    `),
  },
  {
    why: 'one server is one workspace',
    operations: toOperations(`
      GET /api/3.0/mlflow/workspaces
      POST /api/3.0/mlflow/workspaces
      GET /api/3.0/mlflow/workspaces/{workspace_name}
      PATCH /api/3.0/mlflow/workspaces/{workspace_name}
      DELETE /api/3.0/mlflow/workspaces/{workspace_name}
    `),
  },
  {
    why: 'no part of the loop',
    operations: toOperations(`
      POST /api/3.0/mlflow/issues
      PATCH /api/3.0/mlflow/issues/{issue_id}
      GET /api/3.0/mlflow/issues/{issue_id}
      POST /api/3.0/mlflow/issues/search
    `),
  },
  {
    why: 'evaluation data are datasets with versions',
    operations: toOperations(`
      POST /api/3.0/mlflow/datasets/create
      GET /api/3.0/mlflow/datasets/{dataset_id}
      DELETE /api/3.0/mlflow/datasets/{dataset_id}
      POST /api/3.0/mlflow/datasets/search
      GET /api/3.0/mlflow/datasets/search
      PATCH /api/3.0/mlflow/datasets/{dataset_id}/tags
      DELETE /api/3.0/mlflow/datasets/{dataset_id}/tags/{key}
      POST /api/3.0/mlflow/datasets/{dataset_id}/records
      GET /api/3.0/mlflow/datasets/{dataset_id}/experiment-ids
      GET /api/3.0/mlflow/datasets/{dataset_id}/records
      DELETE /api/3.0/mlflow/datasets/{dataset_id}/records
      POST /api/3.0/mlflow/datasets/{dataset_id}/add-experiments
      POST /api/3.0/mlflow/datasets/{dataset_id}/remove-experiments
    `),
  },
  {
    why: 'gates judge models',
    operations: toOperations(`
      POST /api/3.0/mlflow/scorers/register
      GET /api/3.0/mlflow/scorers/list
      GET /api/3.0/mlflow/scorers/versions
      GET /api/3.0/mlflow/scorers/get
      DELETE /api/3.0/mlflow/scorers/delete
    `),
  },
  {
    why: 'no part of the loop',
    operations: toOperations(`
      POST /api/3.0/mlflow/prompt-optimization/jobs
      GET /api/3.0/mlflow/prompt-optimization/jobs/{job_id}
      POST /api/3.0/mlflow/prompt-optimization/jobs/search
      GET /api/3.0/mlflow/prompt-optimization/jobs/search
      POST /api/3.0/mlflow/prompt-optimization/jobs/{job_id}/cancel
      DELETE /api/3.0/mlflow/prompt-optimization/jobs/{job_id}
    `),
  },
  {
    why: 'no gateway to other models’ providers',
    operations: toOperations(`
      POST /api/3.0/mlflow/gateway/secrets/create
      GET /api/3.0/mlflow/gateway/secrets/get
      POST /api/3.0/mlflow/gateway/secrets/update
      DELETE /api/3.0/mlflow/gateway/secrets/delete
      GET /api/3.0/mlflow/gateway/secrets/list
      POST /api/3.0/mlflow/gateway/endpoints/create
      GET /api/3.0/mlflow/gateway/endpoints/get
      POST /api/3.0/mlflow/gateway/endpoints/update
      DELETE /api/3.0/mlflow/gateway/endpoints/delete
      GET /api/3.0/mlflow/gateway/endpoints/list
      POST /api/3.0/mlflow/gateway/model-definitions/create
      GET /api/3.0/mlflow/gateway/model-definitions/get
      GET /api/3.0/mlflow/gateway/model-definitions/list
      POST /api/3.0/mlflow/gateway/model-definitions/update
      DELETE /api/3.0/mlflow/gateway/model-definitions/delete
      POST /api/3.0/mlflow/gateway/endpoints/models/attach
      POST /api/3.0/mlflow/gateway/endpoints/models/detach
      POST /api/3.0/mlflow/gateway/endpoints/bindings/create
      DELETE /api/3.0/mlflow/gateway/endpoints/bindings/delete
      GET /api/3.0/mlflow/gateway/endpoints/bindings/list
      POST /api/3.0/mlflow/gateway/endpoints/set-tag
      DELETE /api/3.0/mlflow/gateway/endpoints/delete-tag
      POST /api/3.0/mlflow/gateway/budgets/create
      GET /api/3.0/mlflow/gateway/budgets/get
      POST /api/3.0/mlflow/gateway/budgets/update
      DELETE /api/3.0/mlflow/gateway/budgets/delete
      GET /api/3.0/mlflow/gateway/budgets/list
      GET /api/3.0/mlflow/gateway/budgets/windows
      POST /api/3.0/mlflow/gateway/guardrails/create
      GET /api/3.0/mlflow/gateway/guardrails/get
      DELETE /api/3.0/mlflow/gateway/guardrails/delete
      GET /api/3.0/mlflow/gateway/guardrails/list
      POST /api/3.0/mlflow/gateway/guardrails/add-to-endpoint
      DELETE /api/3.0/mlflow/gateway/guardrails/remove-from-endpoint
      GET /api/3.0/mlflow/gateway/guardrails/list-for-endpoint
      PATCH /api/3.0/mlflow/gateway/guardrails/update-config
    `),
  },
];

function toOperations(lines: string): readonly Operation[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [method = '', path = ''] = line.trim().split(' ');
      return { method, path };
    });
}
