import type { TableDescription, TableSource, Tables } from '@pawl/core';
import { checkTable } from './check/run.ts';
import { diffTables } from './diff.ts';
import { joinFeatures } from './join.ts';
import { profileTable } from './profile.ts';
import { readColumns } from './read.ts';
import { createSessions } from './session.ts';
import type { Session, SessionOptions } from './session.ts';
import { openSource, readingFrom } from './source.ts';

/** The Tables port on DuckDB in this process, on its own threads and out of core. Loaded at first use. */
export function createTables(options: SessionOptions = {}): Tables {
  const sessions = createSessions(options);
  return {
    describe: (source) => sessions.run((session) => describe(session, source)),
    profile: (source, hash) => sessions.run((session) => profileTable(session, source, hash)),
    check: (source, request) => sessions.run((session) => checkTable(session, source, request)),
    joinFeatures: (entities, timeColumn, history, view, target) =>
      sessions.run((session) => joinFeatures(session, { entities, timeColumn, history, view, target })),
    readColumns: (source, columns) => sessions.run((session) => readColumns(session, source, columns)),
    diff: (before, after, key) => sessions.run((session) => diffTables(session, before, after, key)),
    close: () => sessions.close(),
  };
}

async function describe(session: Session, source: TableSource): Promise<TableDescription> {
  const { from, columns } = await openSource(session, source);
  const rows = await readingFrom(source, () => session.rows(`SELECT count(*) FROM ${from}`));
  return { rows: Number(rows[0]?.[0] ?? 0), columns };
}
