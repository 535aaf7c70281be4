import { SPAN_INPUTS, SPAN_MODEL, SPAN_OUTPUTS, SPAN_TYPE, SPAN_USAGE } from './keys.ts';
import { toPlainNumber } from './plain-number.ts';
import type { Span, SpanMap, SpanValue } from './types.ts';
import { fromSpanJson } from './value.ts';

/**
 * How others say what MLflow's attributes say, in the order of preference: OpenTelemetry's conventions for generative AI
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/), OpenInference (https://github.com/Arize-ai/openinference/tree/main/spec) and
 * OpenLLMetry (https://github.com/traceloop/openllmetry).
 */
const kinds: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    'gen_ai.operation.name',
    {
      chat: 'CHAT_MODEL',
      text_completion: 'LLM',
      generate_content: 'LLM',
      response: 'LLM',
      embeddings: 'EMBEDDING',
      execute_tool: 'TOOL',
      invoke_agent: 'AGENT',
      create_agent: 'AGENT',
    },
  ],
  [
    'openinference.span.kind',
    Object.fromEntries(
      ['TOOL', 'CHAIN', 'LLM', 'RETRIEVER', 'EMBEDDING', 'AGENT', 'RERANKER', 'GUARDRAIL', 'EVALUATOR'].map((kind) => [kind, kind]),
    ),
  ],
  ['traceloop.span.kind', { workflow: 'WORKFLOW', task: 'TASK', agent: 'AGENT', tool: 'TOOL' }],
];
const inputs = ['gen_ai.input.messages', 'gen_ai.tool.call.arguments', 'input.value', 'traceloop.entity.input'];
const outputs = ['gen_ai.output.messages', 'gen_ai.tool.call.result', 'output.value', 'traceloop.entity.output'];
const models = [
  'gen_ai.response.model',
  'gen_ai.request.model',
  'llm.response.model_name',
  'llm.model_name',
  'llm.request.model_name',
  'embedding.model_name',
];
const tokensIn = ['gen_ai.usage.input_tokens', 'llm.token_count.prompt', 'gen_ai.usage.prompt_tokens'];
const tokensOut = ['gen_ai.usage.output_tokens', 'llm.token_count.completion', 'gen_ai.usage.completion_tokens'];
const tokensAll = ['llm.token_count.total', 'llm.usage.total_tokens'];

/** The span with MLflow's attributes for what it says by another convention; its own stay, and win. */
export function withConventions(span: Span): Span {
  const { attributes } = span;
  const added = new Map<string, SpanValue>();
  const add = (key: string, value: SpanValue | undefined): void => {
    if (value !== undefined && !attributes.has(key)) added.set(key, value);
  };
  const type = attributes.get(SPAN_TYPE);
  if (type === undefined || type === 'UNKNOWN') {
    const found = kindOf(attributes);
    if (found !== undefined) added.set(SPAN_TYPE, found);
  }
  add(SPAN_INPUTS, decoded(first(attributes, inputs)));
  add(SPAN_OUTPUTS, decoded(first(attributes, outputs)));
  add(SPAN_MODEL, first(attributes, models));
  add(SPAN_USAGE, usageOf(attributes));
  return added.size === 0 ? span : { ...span, attributes: new Map([...attributes, ...added]) };
}

function kindOf(attributes: SpanMap): string | undefined {
  for (const [key, types] of kinds) {
    const kind = attributes.get(key);
    if (typeof kind === 'string' && Object.hasOwn(types, kind)) return types[kind];
  }
  return undefined;
}

function usageOf(attributes: SpanMap): SpanMap | undefined {
  const [input, output] = [whole(first(attributes, tokensIn)), whole(first(attributes, tokensOut))];
  if (input === undefined && output === undefined) return undefined;
  const total = whole(first(attributes, tokensAll)) ?? (input ?? 0n) + (output ?? 0n);
  return new Map([
    ['input_tokens', input ?? 0n],
    ['output_tokens', output ?? 0n],
    ['total_tokens', total],
  ]);
}

function whole(value: SpanValue | undefined): bigint | undefined {
  if (typeof value === 'bigint') return value;
  const number = toPlainNumber(value);
  return number !== undefined && Number.isSafeInteger(number) ? BigInt(number) : undefined;
}

function first(attributes: SpanMap, keys: readonly string[]): SpanValue | undefined {
  for (const key of keys) {
    const value = attributes.get(key);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Attributes hold no structures in older SDKs, so these come as JSON in a text. */
function decoded(value: SpanValue | undefined): SpanValue | undefined {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return fromSpanJson(value);
  } catch {
    return value;
  }
}
