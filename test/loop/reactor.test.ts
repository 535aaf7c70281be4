import assert from 'node:assert/strict';
import type { Database, Event, EventType } from '@pawl/core';
import { createReactor, NotYet } from '@pawl/engine';
import type { Loop } from '@pawl/engine';
import { settle, testOnEach } from './rig.ts';
import type { Rig } from './rig.ts';

async function append(rig: Rig, types: readonly EventType[]): Promise<void> {
  await rig.database.transaction((tx) =>
    tx.events.append(types.map((type) => ({ id: rig.ids.next(), type, subject: 'dataset/mail', time: 1, actor: 'user:ann', data: {} }))),
  );
}

/** Leaves one dataset an event: what stays in the database is the effect. */
function effectReactor(ports: { readonly database: Database }, before: (event: Event) => void = () => undefined): Loop {
  return createReactor(ports, {
    name: 'effects',
    types: ['run.created'],
    async handle(event) {
      before(event);
      // Not idempotent on purpose: a second run of the effect would be seen.
      return async (tx) => {
        const count = (await tx.datasets.list({ limit: 1000 })).items.length;
        await tx.datasets.create({ name: `e${String(count).padStart(4, '0')}-${event.seq}`, createdAt: 1 });
      };
    },
  });
}

async function lookTwice(reactor: Loop): Promise<void> {
  await reactor.tick();
  await reactor.tick();
}

async function effects(rig: Rig): Promise<readonly number[]> {
  const { items } = await rig.database.read.datasets.list({ limit: 1000 });
  return items
    .map((one) => one.name)
    .toSorted()
    .map((name) => Number(name.split('-')[1]));
}

async function wanted(rig: Rig): Promise<readonly number[]> {
  return (await rig.events()).filter((event) => event.type === 'run.created').map((event) => event.seq);
}

testOnEach('a handler that dies after its work is called again, and its effect happens once, in order', async (rig) => {
  await append(rig, ['run.created', 'run.ended', 'run.created', 'run.created', 'run.ended']);
  let calls = 0;
  const fresh = () =>
    effectReactor(rig.ports, () => {
      // Dies at every second call, as if the process were killed between the work and the transaction.
      if (++calls % 2 === 1) throw new Error('killed');
    });
  // A new reactor each time: nothing may be remembered outside the database.
  for (let restart = 0; restart < 12; restart++)
    await fresh()
      .tick()
      .catch(() => undefined);
  assert.deepEqual(await effects(rig), await wanted(rig));
  assert.equal(calls, 6);
  // How far it passed what is none of its own it writes down at a look that finds nothing new.
  await lookTwice(effectReactor(rig.ports));
  assert.equal(await rig.database.read.events.cursor('effects'), (await rig.events()).at(-1)?.seq);
});

testOnEach('an effect that fails half-way leaves nothing, and holds back the events after it', async (rig) => {
  await append(rig, ['run.created', 'run.created']);
  let fail = true;
  const seen: number[] = [];
  const reactor = createReactor(rig.ports, {
    name: 'half',
    types: ['run.created'],
    handle: async (event) => async (tx) => {
      seen.push(event.seq);
      await tx.datasets.create({ name: `d${event.seq}`, createdAt: 1 });
      if (fail) throw new Error('no');
    },
  });
  const [first] = await rig.events();
  await assert.rejects(reactor.tick(), { message: `Event ${first?.id} (run.created) could not be handled.`, cause: new Error('no') });
  assert.deepEqual((await rig.database.read.datasets.list({ limit: 10 })).items, []);
  assert.equal(await rig.database.read.events.cursor('half'), 0);
  assert.equal(new Set(seen).size, 1);
  fail = false;
  await settle(reactor);
  assert.equal((await rig.database.read.datasets.list({ limit: 10 })).items.length, 2);
});

testOnEach('two reactors of one name at once have each effect once, whoever is faster', async (rig) => {
  await append(
    rig,
    Array.from({ length: 60 }, (_, index): EventType => (index % 3 === 0 ? 'run.ended' : 'run.created')),
  );
  const other = await rig.another();
  const loops = [effectReactor(rig.ports), effectReactor(other.ports), effectReactor(rig.ports)];
  await Promise.all(loops.map((loop) => settle(loop)));
  await settle(...loops);
  assert.deepEqual(await effects(rig), await wanted(rig));
  assert.deepEqual(rig.logLines, []);
});

testOnEach('losing the race over events that nobody wants is no failure', async (rig) => {
  await append(rig, ['run.ended', 'run.ended']);
  const other = await rig.another();
  const ticks = await Promise.allSettled([1, 2, 3, 4].map((n) => lookTwice(effectReactor(n % 2 === 0 ? rig.ports : other.ports))));
  assert.deepEqual(
    ticks.map((one) => one.status),
    ticks.map(() => 'fulfilled'),
  );
  assert.equal(await rig.database.read.events.cursor('effects'), (await rig.events()).at(-1)?.seq);
});

testOnEach('an event that has to wait is tried again without a complaint; more than a batch is read to the end', async (rig) => {
  for (let page = 0; page < 5; page++)
    await append(
      rig,
      Array.from({ length: 90 }, (): EventType => 'run.created'),
    );
  let patience = 3;
  let handled = 0;
  const reactor = createReactor(rig.ports, {
    name: 'patient',
    types: ['run.created'],
    async handle() {
      if (--patience >= 0) throw new NotYet();
      handled++;
      return undefined;
    },
  });
  for (let tick = 0; tick < 3; tick++) assert.equal(await reactor.tick(), false);
  assert.equal(handled, 0);
  await settle(reactor);
  assert.equal(handled, 450);
  assert.deepEqual(rig.logLines, []);
});

testOnEach('an exclusive reactor handles in one process only, until that one has been silent for a minute', async (rig) => {
  const other = await rig.another();
  const handled: string[] = [];
  const exclusive = (holder: string, { database }: { readonly database: Database }) =>
    createReactor(
      { database },
      {
        name: 'costly',
        types: ['run.created'],
        exclusive: { holder, clock: rig.clock },
        async handle() {
          handled.push(holder);
          return undefined;
        },
      },
    );
  const [one, two] = [exclusive('one', rig.ports), exclusive('two', other.ports)];
  const lease = () => rig.database.read.leases.get('reactor costly');
  await append(rig, ['run.ended']);
  await Promise.all([settle(one), settle(two)]);
  assert.equal(await lease(), undefined, 'what nobody wants costs no write');

  await append(rig, ['run.created', 'run.ended', 'run.created']);
  await settle(one);
  await append(rig, ['run.created']);
  await Promise.all([settle(two), settle(one), settle(two)]);
  assert.deepEqual(handled, ['one', 'one', 'one']);
  const first = await lease();
  rig.clock.advanceBy(40_000);
  await append(rig, ['run.created']);
  await settle(two, one);
  assert.deepEqual(handled.splice(0), ['one', 'one', 'one', 'one'], 'it renews');
  assert.equal((await lease())?.token, first?.token);

  // The one dies.
  await append(rig, ['run.created']);
  rig.clock.advanceBy(59_000);
  await settle(two);
  assert.deepEqual(handled, []);
  rig.clock.advanceBy(1000);
  await settle(two);
  assert.deepEqual(handled, ['two']);
  // It was not dead: it learns that it holds the lease no more.
  await append(rig, ['run.created']);
  await settle(one);
  assert.deepEqual(handled, ['two']);
});
