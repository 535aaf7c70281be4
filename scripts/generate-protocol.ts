// Writes docs/protocols/mlflow.md from the tables of the MLflow adapter. `--check` writes nothing and fails when the file differs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mlflowRoutes } from '../packages/app/src/http/mlflow/index.ts';
import { refusals, transfers } from '../packages/app/src/http/mlflow/operations.ts';

const path = 'docs/protocols/mlflow.md';
const file = join(import.meta.dirname, '..', path);

const INTRODUCTION = `# MLflow

*Written by \`scripts/generate-protocol.ts\` from the tables in \`packages/app/src/http/mlflow\`; change those, not this file.*

An unmodified \`mlflow\` client (Python, R, Java, and every library that logs through it) works against a Pawl server: set \`MLFLOW_TRACKING_URI\` to its address. What it logs
is what Pawl itself works with: an MLflow run is a run, and a version of a registered model is a version that gates judge and rollouts serve.

- The server says that it is MLflow 3.18.0.
- Every path below \`/api/\` is answered below \`/ajax-api/\` too.
- An error is \`{"error_code", "message"}\`. A move to a stage or an alias that a gate does not allow is 403 \`PERMISSION_DENIED\` with the gate's reason.
- Traces come from the client or from any exporter of OpenTelemetry (\`POST /v1/traces\`); see [the guide](../guide/traces.md).
- Artifacts go through the server, as streams, with ranges and ETags; \`--artifact-root\` sends those of new experiments elsewhere.
- Whole numbers (steps, times) are exact up to 2^53 - 1 = 9,007,199,254,740,991. MLflow's int64 goes to 2^63 - 1; a larger one is refused with 400 \`INVALID_PARAMETER_VALUE\` rather than
  rounded, so a step that counts nanoseconds since 1970 must be divided. The times of spans, which are nanoseconds, are kept whole.
`;

// The routes only hold on to the services that they will call: none is called here.
const routes = mlflowRoutes({} as Parameters<typeof mlflowRoutes>[0]);
const answered = routes.map(({ operation, method, version, path: below }) => {
  const full = `/api/${version}/mlflow${below}`.replaceAll(/:([a-z_]+)/g, '{$1}');
  return `| \`${method}\` | \`${full}\` | ${operation} |`;
});
const transferred = transfers.map((each) => `| \`${each.method}\` | \`${each.path}\` | |`);
const refused = refusals.flatMap(({ why, operations }) => operations.map((each) => `| \`${each.method}\` | \`${each.path}\` | ${why} |`));
const text = `${INTRODUCTION}
## Answered

| method | path | operation |
|---|---|---|
${[...answered, ...transferred].join('\n')}

## Refused

404 \`ENDPOINT_NOT_FOUND\`, on which clients go on without.

| method | path | why |
|---|---|---|
${refused.join('\n')}
`;

if (existsSync(file) && readFileSync(file, 'utf8') === text) console.log('The document of the MLflow protocol is up to date.');
else if (process.argv.includes('--check')) {
  console.error(`${path} differs from the routes; run "node scripts/generate-protocol.ts".`);
  process.exitCode = 1;
} else {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`Wrote ${path}`);
}
