import type { Migration } from '../migrate.ts';

/** How the commands of runs went: what is told of them, what they wrote, what they used. */
export const migration: Migration = {
  name: '0017-record',
  up: (t) => [
    `CREATE TABLE recording (
      run ${t.text} NOT NULL PRIMARY KEY, command ${t.text} NOT NULL, host ${t.text} NOT NULL, machine ${t.text}, state ${t.text} NOT NULL,
      report ${t.int} NOT NULL, opened_at ${t.int} NOT NULL, heard_at ${t.int} NOT NULL, lease_ms ${t.int} NOT NULL, exit_code ${t.int},
      signal ${t.text}, last_line ${t.int} NOT NULL, head_bytes ${t.int} NOT NULL, tail_bytes ${t.int} NOT NULL
    ) ${t.strict}`,
    "CREATE INDEX recording_open ON recording (heard_at, run) WHERE state = 'open'",
    // By the last line, so that what comes after a line is found without reading what is before it.
    `CREATE TABLE console_chunk (
      run ${t.text} NOT NULL, last ${t.int} NOT NULL, first ${t.int} NOT NULL, part ${t.text} NOT NULL, bytes ${t.int} NOT NULL,
      lines ${t.text} NOT NULL, PRIMARY KEY (run, last)
    ) ${t.strict}`,
    `CREATE TABLE run_usage (
      run ${t.text} NOT NULL, source ${t.text} NOT NULL, attempt ${t.int} NOT NULL, task ${t.text}, machine ${t.text}, wall_ms ${t.int} NOT NULL,
      cpu_ms ${t.int}, peak_memory_bytes ${t.int}, memory_byte_seconds ${t.real}, read_bytes ${t.int}, write_bytes ${t.int},
      gpu_ms ${t.int} NOT NULL, cost ${t.real}, currency ${t.text}, PRIMARY KEY (run, source, attempt)
    ) ${t.strict}`,
  ],
};
