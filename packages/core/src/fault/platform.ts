import { bug, operational, user } from './define.ts';
import type { FaultDefinitions } from './define.ts';

export interface PlatformFaults {
  invalid_input: { where: string; problem: string };
  invalid_file: { file: string; problem: string };
  invalid_cursor: { cursor: string };
  write_conflict: { what: string };
  blob_not_found: { digest: string };
  blob_corrupt: { digest: string; found: string };
  digest_mismatch: { expected: string; found: string };
  too_large: { what: string; limit: number };
  path_unsafe: { path: string };
  file_unreadable: { path: string; reason: string };
  not_writable: { path: string; reason: string };
  home_in_use: { home: string };
  foreign_request: Record<never, never>;
  port_in_use: { host: string; port: number };
  database_unreachable: { reason: string };
  schema_newer: { found: number; known: number };
  server_unreachable: { server: string; reason: string };
  not_found: { what: string };
  internal: { reference: string };
}

export const platformFaults: FaultDefinitions<PlatformFaults> = {
  invalid_input: user((d) => `${d.where}: ${d.problem}`),
  invalid_file: user((d) => `${d.file}: ${d.problem}`),
  invalid_cursor: user((d) => `The page cursor "${d.cursor}" is not one this server gave; start again without it.`),
  write_conflict: operational((d) => `${d.what} was changed by somebody else at the same time; read it again and retry.`),
  blob_not_found: user((d) => `No content with digest ${d.digest} is stored here; upload it first.`),
  blob_corrupt: operational((d) => `Stored content ${d.digest} is damaged: its bytes hash to ${d.found}. It was not served.`),
  digest_mismatch: user((d) => `The bytes received hash to ${d.found}, not to ${d.expected}; nothing was stored.`),
  too_large: user((d) => `${d.what} is larger than the limit of ${d.limit} bytes.`),
  path_unsafe: user((d) => `The path ${JSON.stringify(d.path)} leaves its folder or is not portable; use a relative path without "..".`),
  file_unreadable: user((d) => `Cannot read ${d.path}: ${d.reason}.`),
  not_writable: operational((d) => `Cannot write to ${d.path}: ${d.reason}. Nothing was changed.`),
  home_in_use: operational((d) => `Another Pawl server holds the home ${d.home}; stop it first, or start this one with another --home.`),
  foreign_request: user(
    () =>
      'This request comes from a page of another site, or names another host than this one; a server without access control answers neither.',
  ),
  port_in_use: operational((d) => `Port ${d.port} on ${d.host} is already in use; choose another with --port (0 picks a free one).`),
  database_unreachable: operational((d) => `The database does not answer: ${d.reason}.`),
  schema_newer: operational((d) => `The database is at schema ${d.found}, newer than this Pawl knows (${d.known}); start a newer Pawl.`),
  server_unreachable: operational(
    (d) => `No Pawl server answers at ${d.server} (${d.reason}); start one with "pawl server", or name it with --server.`,
  ),
  not_found: user((d) => `There is nothing at ${d.what}.`),
  internal: bug((d) => `Something went wrong inside Pawl; the server's log has the details under ${d.reference}.`),
};
