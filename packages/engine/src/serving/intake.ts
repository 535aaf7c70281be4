import type { Database, PredictionRecord } from '@pawl/core';
import { Conflict } from '../conflict.ts';
import type { Loop } from '../reactor/loop.ts';

/** Where the data plane left its records: read from a position on, and told what may be forgotten. */
export interface PredictionSource {
  /** Names its position in the database; one source keeps one name for life. */
  readonly name: string;
  read(position: string | undefined, limit: number): Promise<{ readonly records: readonly PredictionRecord[]; readonly position: string }>;
  forget(position: string): Promise<void>;
}

const BATCH = 500;

/** Takes the data plane's records into the database. Records and position are one transaction, so each record is stored once whatever dies when. */
export function createIntake(ports: { readonly database: Database; readonly source: PredictionSource }): Loop {
  const { database, source } = ports;
  return {
    name: `intake ${source.name}`,
    async tick() {
      try {
        const position = await database.read.predictions.spoolPosition(source.name);
        const read = await source.read(position, BATCH);
        if (read.position === position) return false;
        await database.transaction(async (tx) => {
          if ((await tx.predictions.spoolPosition(source.name)) !== position) throw new Conflict();
          await tx.predictions.insert(read.records);
          await tx.predictions.setSpoolPosition(source.name, read.position);
        });
        await source.forget(read.position);
        return read.records.length > 0;
      } catch (error) {
        if (error instanceof Conflict) return true;
        throw error;
      }
    },
  };
}
