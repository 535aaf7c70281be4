import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startPostgres } from './embedded-postgres.ts';

/** A database of its own, empty, for one test. */
export interface FreshDatabase {
  readonly url: string;
  /** Removes the database, and ends the connections still open to it. */
  drop(): Promise<void>;
}

let own: Promise<string> | undefined;

/** The server that `npm test` started or that PAWL_TEST_POSTGRES_URL names; a test file run by hand gets one for its process. */
function serverUrl(): Promise<string> {
  const given = process.env['PAWL_TEST_POSTGRES_URL'];
  if (given !== undefined && given !== '') return Promise.resolve(given);
  own ??= startPostgres().then((server) => server.url);
  return own;
}

/** Creates an empty database of random name; the user in the URL must be allowed to. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = await serverUrl();
  const name = `pawl_test_${randomBytes(8).toString('hex')}`;
  await execute(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(server, `drop database if exists ${name} with (force)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
