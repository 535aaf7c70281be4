import type { Comparator, Field, SearchRequest, SearchSpec } from '../search/types.ts';

const textual: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE', 'RLIKE', 'IN', 'NOT IN'];
const text: Field = { kind: 'text', comparators: textual };
const number: Field = { kind: 'number' };
const anyText: Field = { kind: 'text', comparators: textual, nullable: true };
const spanText: Field = { kind: 'text', comparators: textual, orders: false };
const content: Field = { kind: 'text', comparators: ['LIKE', 'ILIKE', 'RLIKE'], orders: false };
const judged: Field = { kind: 'any', nullable: true, orders: false };

/**
 * What may be asked of traces (mlflow/utils/search_utils.py, SearchTraceUtils). Clauses on spans that are joined by AND ask for one span that fits them all.
 * `name` is the tag that holds it, and `run_id` any run that the trace belongs to.
 */
export const traceSearch: SearchSpec = {
  attribute: {
    aliases: ['attributes', 'attr', 'trace'],
    fields: {
      request_id: text,
      trace_id: { ...text, as: 'request_id' },
      timestamp_ms: number,
      timestamp: { ...number, as: 'timestamp_ms' },
      request_time: { ...number, as: 'timestamp_ms' },
      execution_time_ms: number,
      execution_time: { ...number, as: 'execution_time_ms' },
      end_time_ms: number,
      end_time: { ...number, as: 'end_time_ms' },
      status: text,
      state: { ...text, as: 'status' },
      client_request_id: text,
      name: text,
      run_id: text,
      prompt: { kind: 'text', comparators: ['=', 'IN'], orders: false },
      text: content,
      experiment_id: { kind: 'number', filters: false },
    },
  },
  tag: { aliases: ['tags'], fields: anyText },
  request_metadata: { aliases: ['metadata'], fields: anyText },
  span: {
    aliases: ['spans'],
    fields: { name: spanText, type: spanText, status: spanText, content },
    prefixed: { prefix: 'attributes.', field: spanText },
  },
  feedback: { aliases: [], fields: judged },
  expectation: { aliases: [], fields: judged },
};

export interface TraceSearch extends SearchRequest {
  readonly experiments: readonly number[];
}
