import type { Lease, LeaseStore } from '@pawl/core';
import type { Sql } from './context.ts';

interface LeaseTable {
  readonly name: string;
  /** Null after a release; the row stays, because the token must never go back. */
  readonly holder: string | null;
  readonly until: number;
  readonly token: number;
}

export interface LeaseTables {
  readonly lease: LeaseTable;
}

export function createLeaseStore({ db }: Sql): LeaseStore {
  return {
    async get(name) {
      const row = await db.selectFrom('lease').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toLease(row);
    },

    async acquire(name, holder, now, until) {
      const row = await db
        .insertInto('lease')
        .values({ name, holder, until, token: 1 })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet((eb) => ({
              holder,
              until,
              token: eb
                .case()
                .when('lease.holder', '=', holder)
                .then(eb.ref('lease.token'))
                .else(eb('lease.token', '+', 1))
                .end(),
            }))
            .where((eb) => eb.or([eb('lease.holder', 'is', null), eb('lease.holder', '=', holder), eb('lease.until', '<=', now)])),
        )
        .returningAll()
        .executeTakeFirst();
      return row && toLease(row);
    },

    async release(name, holder) {
      await db.updateTable('lease').set({ holder: null }).where('name', '=', name).where('holder', '=', holder).execute();
    },
  };
}

function toLease(row: LeaseTable): Lease | undefined {
  const { name, holder, until, token } = row;
  return holder === null ? undefined : { name, holder, until, token };
}
