/** The whole story of the demo, killed six times on the way (kill -9, at random moments of its most delicate phases), told to its end, and then audited. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CellValue, Digest, Event, Profile } from '@pawl/core';
import { isHarmProven } from '@pawl/core';
import { createSeededRandom, createTables, hashSha256 } from '@pawl/drivers';
import { loadCorpus } from '../../examples/spam/src/corpus.ts';
import { toInboxEntry } from '../../examples/spam/src/inbox.ts';
import { createDemo } from './demo.ts';
import type { Demo } from './demo.ts';
import { countBy, eventsOf, openHome, textOf } from './home.ts';
import type { Holdings } from './home.ts';
import { AIMS } from './kills.ts';
import { isSpam, recountBuckets, recountEvidence } from './recount.ts';

const DAY = 86_400_000;
const entries = loadCorpus().mails.map(toInboxEntry);
const seed = process.env['PAWL_TEST_SEED'] ?? String(Date.now());

let demo: Demo;
let held: Holdings;

before(async () => {
  const began = Date.now();
  console.log(`kills by seed ${seed} (PAWL_TEST_SEED gives it again)`);
  demo = createDemo();
  const random = createSeededRandom(seed);
  for (const { phase, strike } of AIMS) {
    const life = await demo.live();
    const where = await strike(life, random, () => demo.journal().length);
    await life.kill();
    console.log(`killed in ${phase}: ${where}; ${((Date.now() - began) / 1000).toFixed(1)} s`);
    await expectNothingLost(phase);
  }
  const last = await demo.live();
  assert.equal(await last.ended, 0, demo.output());
  console.log(`told to its end after ${AIMS.length} kills: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  held = await openHome(demo.home);
});
after(async () => {
  await held?.database.close();
  demo?.remove();
});

const entryAt = (index: number): (typeof entries)[number] => {
  const entry = entries[index];
  assert.ok(entry !== undefined, `there is no mail ${index}`);
  return entry;
};

/** What was acknowledged before a kill is in the home before anybody could tell it again: every event told, and each label due before the last mail answered. */
async function expectNothingLost(phase: string): Promise<void> {
  const home = await openHome(demo.home);
  try {
    expectEventsKept(home, phase);
    const journal = demo.journal();
    const last = journal.at(-1);
    if (last === undefined) return;
    const until = entryAt(last.index).mail.received_at;
    for (const { index, predictionId } of journal.slice(0, -1)) {
      const { label } = entryAt(index);
      if (label.confirmed_at >= until) continue;
      const stored = await home.database.read.predictions.label(predictionId, 0);
      assert.equal(stored?.value, label.spam, `${phase}: the label of mail ${index} was taken and is gone`);
    }
  } finally {
    await home.database.close();
  }
}

function expectEventsKept(home: Holdings, phase: string): void {
  const kept = new Map(home.events.map((event) => [event.seq, event.id]));
  for (const { seq, id, type } of demo.seen.values())
    assert.equal(kept.get(seq), id, `${phase}: event ${seq} (${type}) was told and is gone`);
}

test('the loop completes: retrained and promoted by itself, a bad model refused, forced, and rolled back', () => {
  const candidates = (type: Event['type'], which: (event: Event) => boolean = () => true): readonly unknown[] =>
    eventsOf(held, type)
      .filter(which)
      .map(({ data }) => data['candidate']);
  const retrained = candidates(
    'rollout.promoted',
    ({ actor, data }) => actor === 'system:rollout' && data['stable'] !== null && data['verdict'] === 'PASS',
  );
  assert.ok(retrained.length > 0, demo.output());
  const [bad, ...more] = candidates('gate.forced');
  assert.ok(bad !== undefined && more.length === 0 && !retrained.includes(bad));
  assert.ok(candidates('gate.decided', ({ data }) => data['verdict'] === 'FAIL').includes(bad));
  assert.ok(candidates('rollout.rolled_back', ({ actor, data }) => actor === 'system:rollout' && data['verdict'] === 'FAIL').includes(bad));
  expectEventsKept(held, 'the end');
});

test('every answer acknowledged is stored once, as it was given', () => {
  const journal = demo.journal();
  assert.deepEqual(
    journal.map(({ index }) => index),
    journal.map((_, place) => (journal[0]?.index ?? 0) + place),
  );
  const byId = new Map(held.predictions.map((one) => [one.id, one]));
  assert.equal(byId.size, held.predictions.length);
  for (const { index, predictionId, predicted } of journal) {
    const stored = byId.get(predictionId);
    assert.ok(stored !== undefined, `the answer to mail ${index} is not stored`);
    assert.deepEqual(
      [stored.row, stored.code, stored.requestId, stored.time, isSpam(stored)],
      [0, 'ok', entryAt(index).mail.id, entryAt(index).mail.received_at, predicted],
    );
  }
  // Answered, and killed before the demo wrote it down: asked again, so it has another.
  const unheard = held.predictions.filter(({ id }) => !journal.some(({ predictionId }) => predictionId === id));
  assert.ok(unheard.length <= AIMS.length, `${unheard.length} answers nobody heard`);
  for (const one of unheard) assert.ok(journal.some(({ index }) => entryAt(index).mail.id === one.requestId));
});

test('every label told is there, joined once', async () => {
  const journal = demo.journal();
  // To the end of the last day the story told: that of the last mail, or a later one on which labels came but no mail.
  const told = Math.max(entryAt(journal.at(-1)?.index ?? 0).mail.received_at, ...held.joins.map(({ label }) => label.time));
  const until = (Math.floor(told / DAY) + 1) * DAY;
  const due = journal.filter(({ index }) => entryAt(index).label.confirmed_at < until);
  for (const { index, predictionId } of due) {
    const stored = await held.database.read.predictions.label(predictionId, 0);
    const { spam, confirmed_at } = entryAt(index).label;
    assert.deepEqual([stored?.value, stored?.time, stored?.joined], [spam, confirmed_at, true], `label of mail ${index}`);
  }
  const joins = countBy(held.joins, ({ prediction }) => prediction.id);
  assert.deepEqual(
    [...joins.values()].filter((times) => times !== 1),
    [],
  );
  assert.equal(joins.size, due.length);
  assert.deepEqual(await held.database.read.predictions.count('spam'), {
    predictions: held.predictions.length,
    labelled: due.length,
    waiting: 0,
  });
});

test('each pipeline run ended once, each step left one result, and each run one model', async () => {
  const { pipelines, tasks, runs, models } = held.database.read;
  const { items } = await pipelines.runs({}, { limit: 100 });
  assert.ok(items.length >= 3);
  const ends = countBy(eventsOf(held, 'pipeline.run_ended'), ({ data }) => textOf(data['run']));
  const commits = countBy(
    eventsOf(held, 'task.changed').filter(({ data }) => data['state'] === 'succeeded' || data['state'] === 'cached'),
    ({ data }) => `${textOf(data['run'])} ${textOf(data['step'])}`,
  );
  for (const run of items) {
    assert.deepEqual([run.state, ends.get(run.id)], ['succeeded', 1]);
    for (const task of await tasks.byRun(run.id)) {
      assert.ok(task.state === 'succeeded' || task.state === 'cached', `${task.step} is ${task.state}`);
      assert.equal(commits.get(`${run.id} ${task.step}`), 1, task.step);
    }
    for (const { key } of await runs.latestMetrics(run.id)) {
      // Each attempt of a step samples anew.
      if (key.startsWith('system/')) continue;
      const steps = (await runs.metricHistory(run.id, key)).map(({ step }) => step);
      assert.equal(new Set(steps).size, steps.length, `${key} was recorded twice`);
    }
  }
  const versions = (await models.versions('spam-filter', undefined, { limit: 100 })).items;
  assert.deepEqual(
    versions.map(({ version }) => version),
    items.map((_, index) => items.length - index),
  );
  assert.deepEqual(new Set(versions.map(({ run }) => run)), new Set(items.map(({ id }) => id)));
  const once = versions.map(() => 1);
  assert.deepEqual([...countBy(eventsOf(held, 'model.version_registered'), ({ subject }) => subject).values()], once);
  assert.deepEqual([...countBy(eventsOf(held, 'gate.decided'), ({ data }) => textOf(data['candidate'])).values()], once);
  const started = (await held.database.read.triggers.decisions('retrain-on-alert', { limit: 100 })).items.filter(
    ({ decision }) => decision === 'started',
  );
  assert.deepEqual(
    started.map(({ run }) => run),
    items.filter(({ cause }) => cause.type === 'trigger').map(({ id }) => id),
  );
});

test('every dataset version is whole: numbered without a gap, told once, and its content hashes to its digests', async () => {
  const { datasets } = held.database.read;
  const told = countBy(eventsOf(held, 'dataset.version_created'), ({ data }) => `${textOf(data['dataset'])}:${textOf(data['version'])}`);
  const checked = new Set<Digest>();
  const check = async (digest: Digest): Promise<void> => {
    if (!checked.has(digest)) assert.equal(hashSha256(await held.blobs.read(digest)), digest);
    checked.add(digest);
  };
  let count = 0;
  for (const { name } of (await datasets.list({ limit: 100 })).items) {
    const versions = (await datasets.versions(name, { limit: 1000 })).items.toReversed();
    assert.deepEqual(
      versions.map(({ version }) => version),
      versions.map((_, index) => index + 1),
      name,
    );
    for (const { version, manifest } of versions) {
      count += 1;
      assert.equal(told.get(`${name}:${version}`), 1, `${name}:${version}`);
      await check(manifest);
      const { entries: files } = JSON.parse(new TextDecoder().decode(await held.blobs.read(manifest))) as { entries: { digest: Digest }[] };
      for (const { digest } of files) await check(digest);
    }
  }
  assert.equal(told.size, count);
  assert.ok(count >= 20 && checked.size > 100);
});

test('each rollout ended once, on evidence that counts every request once', async () => {
  const { items } = await held.database.read.rollouts.list({}, { limit: 100 });
  assert.ok(items.length >= 3);
  for (const type of ['rollout.promoted', 'rollout.rolled_back', 'rollout.superseded', 'rollout.started'] as const) {
    const counts = countBy(eventsOf(held, type), ({ subject }) => subject);
    const wanted = items.filter(({ state }) => type === 'rollout.started' || type === `rollout.${state}`);
    assert.deepEqual(new Set(counts.keys()), new Set(wanted.map(({ id }) => `rollout/${id}`)), type);
    assert.ok(
      [...counts.values()].every((times) => times === 1),
      type,
    );
  }
  for (const rollout of items) assert.deepEqual(rollout.evidence, recountEvidence(rollout, held), `version ${rollout.candidate}`);
  for (const rollout of items) assert.equal(isHarmProven(rollout), rollout.state === 'rolled_back', `version ${rollout.candidate}`);
});

test('the monitor’s buckets hold every answer and every label once', async () => {
  const [spec] = await held.database.read.monitors.specs();
  assert.ok(spec !== undefined);
  let counted = 0;
  for (const version of new Set(held.predictions.map((one) => one.version))) {
    const reference = await held.database.read.monitors.reference(spec.name, version);
    assert.ok(reference !== undefined);
    const profile = JSON.parse(new TextDecoder().decode(await held.blobs.read(reference.profile))) as Profile;
    const stored = await held.database.read.monitors.buckets(spec.name, version, 0, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(
      stored.map(({ start, rows, histograms, quality }) => ({ version, start, rows, histograms, quality })),
      recountBuckets(spec, version, profile, held),
      `version ${version}`,
    );
    counted += stored.reduce((sum, bucket) => sum + bucket.rows, 0);
  }
  assert.equal(counted, held.predictions.length);
});

test('for every mail, the sender’s features at serving are those of the point-in-time join over all history', async () => {
  const view = await held.database.read.features.view('sender_activity');
  assert.ok(view !== undefined);
  const mails = new Map(entries.map(({ mail }) => [mail.id, mail]));
  const write = (name: string, rows: readonly object[]): string => {
    const path = join(demo.folder, name);
    writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return path;
  };
  const history = write(
    'history.json',
    entries.map(({ mail, label }) => ({
      id: mail.id,
      sender_domain: mail.sender_domain,
      received_at: mail.received_at,
      spam: label.spam,
      confirmed_at: label.confirmed_at,
    })),
  );
  const asked = write(
    'asked.json',
    held.predictions.map(({ id, requestId }) => {
      const mail = mails.get(requestId ?? '');
      assert.ok(mail !== undefined);
      return { prediction: id, sender_domain: mail.sender_domain, received_at: mail.received_at };
    }),
  );
  const tables = createTables();
  try {
    const target = join(demo.folder, 'joined.parquet');
    const source = (path: string, format: 'json' | 'parquet') => ({ format, paths: [path], label: path });
    await tables.joinFeatures(source(asked, 'json'), 'received_at', source(history, 'json'), view, target);
    const { rows, columns } = await tables.readColumns(source(target, 'parquet'), null);
    assert.equal(rows, held.predictions.length);
    const names = view.features.map(({ name }) => name);
    assert.deepEqual(names, ['mails_7d', 'mails_30d', 'spam_7d', 'spam_30d']);
    const differing = held.predictions.flatMap((one, row) => {
      assert.equal(columns['prediction']?.[row], one.id);
      const values = (from: (name: string) => CellValue | undefined): string =>
        names.map((name) => `${name} ${String(from(name))}`).join(', ');
      const [served, joined] = [values((name) => one.inputs[name]), values((name) => columns[name]?.[row])];
      return served === joined ? [] : [`mail ${one.requestId ?? ''}: served ${served}; joined ${joined}`];
    });
    assert.deepEqual(differing, []);
    const seen = names.map((name) => columns[name]?.filter((value) => Number(value) > 0).length ?? 0);
    assert.ok(
      seen.every((some) => some > 100),
      `too few senders with a past: ${seen.join(', ')}`,
    );
    console.log(`${rows} requests, ${rows * names.length} feature values compared: none differs`);
  } finally {
    await tables.close();
  }
});
