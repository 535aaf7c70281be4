import type { Migration } from '../migrate.ts';

/**
 * Traces and their spans. Every other table names a trace by its number: what comes together then lies together, whatever its id, and rows are small.
 * A span's attributes are JSON that can be searched; `detail` is what only its readers want. `said` and `amount` of an assessment are its value as a text and
 * as a number, for filters.
 */
export const migration: Migration = {
  name: '0014-trace',
  up: (t) => [
    `CREATE TABLE trace (
      number ${t.id}, id ${t.text} NOT NULL UNIQUE, experiment ${t.int} NOT NULL, started_at ${t.int} NOT NULL, duration ${t.int},
      state ${t.text} NOT NULL, request ${t.text}, response ${t.text}, client_request ${t.text}, told ${t.int} NOT NULL, spans ${t.int} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX trace_search ON trace (experiment, started_at DESC, id)',
    `CREATE TABLE trace_tag (
      trace ${t.int} NOT NULL, key ${t.text} NOT NULL, value ${t.text} NOT NULL, PRIMARY KEY (trace, key)
    ) ${t.keyed}`,
    `CREATE TABLE trace_metadata (
      trace ${t.int} NOT NULL, key ${t.text} NOT NULL, value ${t.text} NOT NULL, PRIMARY KEY (trace, key)
    ) ${t.keyed}`,
    `CREATE TABLE trace_run (trace ${t.int} NOT NULL, run ${t.text} NOT NULL, PRIMARY KEY (trace, run)) ${t.keyed}`,
    'CREATE INDEX trace_run_run ON trace_run (run)',
    `CREATE TABLE trace_prompt (trace ${t.int} NOT NULL, prompt ${t.text} NOT NULL, PRIMARY KEY (trace, prompt)) ${t.keyed}`,
    'CREATE INDEX trace_prompt_prompt ON trace_prompt (prompt)',
    `CREATE TABLE trace_span (
      trace ${t.int} NOT NULL, id ${t.text} NOT NULL, parent ${t.text}, name ${t.text} NOT NULL, type ${t.text}, status ${t.text} NOT NULL,
      attributes ${t.text} NOT NULL, detail ${t.text} NOT NULL, PRIMARY KEY (trace, id)
    ) ${t.strict}`,
    `CREATE TABLE trace_assessment (
      trace ${t.int} NOT NULL, id ${t.text} NOT NULL, span ${t.text}, name ${t.text} NOT NULL, kind ${t.text} NOT NULL, value ${t.text} NOT NULL,
      said ${t.text} NOT NULL, amount ${t.real}, error ${t.text}, source_type ${t.text} NOT NULL, source_id ${t.text} NOT NULL, rationale ${t.text},
      metadata ${t.text} NOT NULL, created_at ${t.int} NOT NULL, updated_at ${t.int} NOT NULL, overrides ${t.text}, valid ${t.int} NOT NULL,
      PRIMARY KEY (trace, id)
    ) ${t.keyed}`,
  ],
};
