/** Names that MLflow gives to what it keeps in tags, metadata and attributes (mlflow/tracing/constant.py). */
export const TRACE_NAME_TAG = 'mlflow.traceName';
export const ARTIFACT_LOCATION_TAG = 'mlflow.artifactLocation';
/** Tells clients that spans are read from the server and not from an artifact. */
export const SPANS_LOCATION_TAG = 'mlflow.trace.spansLocation';
export const SOURCE_RUN_KEY = 'mlflow.sourceRun';
export const TOKEN_USAGE_KEY = 'mlflow.trace.tokenUsage';
export const COST_KEY = 'mlflow.trace.cost';
export const SESSION_KEY = 'mlflow.trace.session';
export const USER_KEY = 'mlflow.trace.user';
/** A JSON object whose `num_spans` says how many spans the client has sent or will send. */
export const SIZE_STATS_KEY = 'mlflow.trace.sizeStats';

export const SPAN_TRACE_ID = 'mlflow.traceRequestId';
export const SPAN_TYPE = 'mlflow.spanType';
export const SPAN_INPUTS = 'mlflow.spanInputs';
export const SPAN_OUTPUTS = 'mlflow.spanOutputs';
export const SPAN_USAGE = 'mlflow.chat.tokenUsage';
export const SPAN_COST = 'mlflow.llm.cost';
export const SPAN_MODEL = 'mlflow.llm.model';
/** A root span's attributes of this prefix are tags of its trace. */
export const SPAN_TRACE_TAG = 'mlflow.traceTag.';
