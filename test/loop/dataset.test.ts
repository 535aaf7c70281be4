import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { CheckSuite, Digest, FeatureView, Manifest } from '@pawl/core';
import { isFault } from '@pawl/core';
import type { FaultCode } from '@pawl/core';
import { createSeededRandom } from '@pawl/drivers';
import { createCheckReactor, createFeatureExpiry, createFeatureService, judgedDatasets } from '@pawl/engine';
import { DAY, HOUR, START, testOnEach, toLines } from './rig.ts';

const has = (code: FaultCode) => (error: unknown) => isFault(error, code);
const numbers = (...values: number[]): object[] => values.map((n) => ({ n }));

testOnEach('the same files as the latest version give that version back; others make the next one', async (rig) => {
  const first = await rig.addRows('mail', numbers(1, 2));
  assert.deepEqual([first.version, first.parent, first.files, first.tables[0]?.rows], [1, null, 1, 2]);
  const manifest = await rig.datasets.manifest({ dataset: 'mail', version: 1 });
  const again = await rig.datasets.add({ dataset: 'mail', manifest, message: 'again', actor: 'user:bob', task: null });
  assert.equal(again.created, false);
  assert.deepEqual(again.version, first);
  const second = await rig.addRows('mail', numbers(3));
  assert.deepEqual([second.version, second.parent], [2, 1]);
  // Back to the older files is a step forward.
  const third = await rig.addRows('mail', numbers(1, 2));
  assert.deepEqual([third.version, third.manifest], [3, first.manifest]);
  assert.deepEqual(await rig.eventTypes(), [
    'dataset.created',
    'dataset.version_created',
    'dataset.version_created',
    'dataset.version_created',
  ]);
  assert.equal((await rig.datasets.resolve('mail')).version, 3);
  assert.equal((await rig.datasets.resolve('mail:1')).version, 1);
  await assert.rejects(rig.datasets.resolve('mail:9'), has('dataset_version_not_found'));
  await assert.rejects(rig.datasets.resolve('male'), has('dataset_not_found'));
});

testOnEach('two adds at once: different files get two numbers, the same files one', async (rig) => {
  const other = await rig.another();
  const store = async (n: number): Promise<Manifest> => ({
    entries: [{ path: 'n.jsonl', ...(await rig.ports.blobs.put(Buffer.from(toLines(numbers(n))))), mode: 0o644 }],
  });
  const manifests = await Promise.all([1, 2, 3, 4, 5, 5, 5, 5].map(store));
  const added = await Promise.all(
    manifests.map((manifest, index) =>
      (index % 2 === 0 ? rig : other).datasets.add({ dataset: 'mail', manifest, message: '', actor: 'user:ann', task: null }),
    ),
  );
  const { items } = await rig.datasets.versions('mail', { limit: 50 });
  const created = added.filter((one) => one.created).length;
  assert.equal(items.length, created);
  assert.deepEqual(
    items.map((one) => one.version),
    Array.from({ length: created }, (_, index) => created - index),
  );
  assert.ok(new Set(items.map((one) => one.manifest)).size === 5);
  for (const [index, item] of items.entries())
    assert.notEqual(item.manifest, items[index + 1]?.manifest, 'a version repeats the one before it');
  const types = await rig.eventTypes();
  assert.equal(types.filter((type) => type === 'dataset.created').length, 1);
  assert.equal(types.filter((type) => type === 'dataset.version_created').length, created);
});

testOnEach(
  'paths that leave their folder, clash or repeat, missing content and no files at all are refused and leave nothing',
  async (rig) => {
    const { digest, size } = await rig.ports.blobs.put(Buffer.from('x'));
    const add = (manifest: Manifest) => rig.datasets.add({ dataset: 'mail', manifest, message: '', actor: 'user:ann', task: null });
    const entry = (path: string) => ({ path, digest, size, mode: 0o644 });
    for (const path of ['../x', 'a/../../x', '/etc/passwd', 'a//b', './x', 'a/.', '', 'a\\b', 'C:x', 'a\0b', 'x'.repeat(1025)])
      await assert.rejects(add({ entries: [entry(path)] }), has('path_unsafe'), JSON.stringify(path));
    await assert.rejects(add({ entries: [entry('a'), entry('a')] }), has('invalid_input'));
    // No file system holds a file "a" and a folder "a".
    await assert.rejects(add({ entries: [entry('a'), entry('a-b'), entry('a/b/c')] }), has('invalid_input'));
    await assert.rejects(add({ entries: [{ ...entry('a'), digest: 'sha256:xyz' }] }), has('invalid_input'));
    await assert.rejects(add({ entries: [{ ...entry('a'), digest: `sha256:${'0'.repeat(64)}` }] }), has('blob_not_found'));
    await assert.rejects(add({ entries: [] }), has('dataset_empty'));
    await assert.rejects(
      rig.datasets.add({ dataset: '../mail', manifest: { entries: [entry('a')] }, message: '', actor: 'user:ann', task: null }),
      has('invalid_input'),
    );
    await assert.rejects(rig.add('mail', { 'a.parquet': 'no parquet' }), has('table_unreadable'));
    assert.deepEqual((await rig.datasets.list({ limit: 5 })).items, []);
    assert.deepEqual(await rig.eventTypes(), []);
  },
);

testOnEach('content that went missing after the version was added is told when its table is read', async (rig) => {
  const gone: Digest = `sha256:${'a'.repeat(64)}`;
  await rig.addRows('mail', numbers(1));
  await assert.rejects(rig.ports.blobs.read(gone), has('blob_not_found'));
  await rig.add('many', { 'a/x.jsonl': toLines(numbers(1)), 'b/x.jsonl': toLines(numbers(2)) });
  await assert.rejects(rig.datasets.table({ dataset: 'many', version: 1 }), has('table_unreadable'));
  assert.equal((await rig.datasets.table({ dataset: 'many', version: 1 }, 'b')).paths.length, 1);
});

const between = (max: number): CheckSuite['expectations'][number] => ({
  type: 'expect_column_values_to_be_between',
  kwargs: { column: 'n', min_value: 0, max_value: max },
  severity: 'critical',
});

testOnEach('a rejected version may not feed training, nor the feature join', async (rig) => {
  const suite: CheckSuite = { name: 'range', dataset: 'mail', expectations: [between(10)] };
  await rig.database.transaction((tx) => rig.checks.define(tx, suite));
  await rig.database.transaction((tx) => rig.features.define(tx, view));
  await rig.addRows('mail', [{ n: 5, id: 'a', sender: 's', at: START, spam: true, confirmed: START }]);
  await rig.addRows('mail', [{ n: 50, id: 'a', sender: 's', at: START, spam: true, confirmed: START }]);
  const good = { dataset: 'mail', version: 1 };
  const bad = { dataset: 'mail', version: 2 };
  await rig.datasets.requireAccepted(bad);
  assert.equal((await rig.checks.run({ suite: 'range', ref: good, actor: 'user:ann' })).verdict, 'passed');
  assert.equal((await rig.checks.run({ suite: 'range', ref: bad, actor: 'user:ann' })).verdict, 'failed');
  assert.deepEqual([(await rig.datasets.version(good)).status, (await rig.datasets.version(bad)).status], ['accepted', 'rejected']);
  await rig.datasets.requireAccepted(good);
  await assert.rejects(rig.datasets.requireAccepted(bad), has('dataset_rejected'));
  const wanted = { view: view.name, timeColumn: 'at', history: good, target: join(rig.home, 'out.parquet') };
  await assert.rejects(rig.features.join({ ...wanted, entities: bad }), has('dataset_rejected'));
  await assert.rejects(rig.features.join({ ...wanted, entities: good, history: bad }), has('dataset_rejected'));
  assert.equal(await rig.features.join({ ...wanted, entities: good }), 1);
});

testOnEach('a suite that judges unasked comes before whoever learns, and judges new versions by itself', async (rig) => {
  const warning = { ...between(10), severity: 'warning' as const };
  const other: CheckSuite = { name: 'asked', dataset: 'mail', expectations: [between(0)] };
  const define = (expectations: CheckSuite['expectations'], automatic: boolean) =>
    rig.database.transaction(async (tx) => {
      await rig.checks.define(tx, other);
      await rig.checks.define(tx, { name: 'range', dataset: 'mail', expectations, ...(automatic ? { automatic } : {}) });
    });
  const reactor = createCheckReactor({ ...rig.ports, checks: rig.checks, holder: 'one' });
  const judged = judgedDatasets(rig.datasets, rig.checks);
  const status = async (version: number) => (await rig.datasets.version({ dataset: 'mail', version })).status;
  const settle = async () => {
    while (await reactor.tick());
  };
  await define([between(10)], false);
  await rig.addRows('mail', numbers(50));
  await settle();
  await judged.requireAccepted({ dataset: 'mail', version: 1 });
  assert.equal(await status(1), 'unchecked');

  await define([between(10)], true);
  // Of a version that is old, or that the loop has not come to, whoever wants to learn from it asks.
  await assert.rejects(judged.requireAccepted({ dataset: 'mail', version: 1 }), has('dataset_rejected'));
  await rig.addRows('mail', numbers(60));
  await rig.addRows('others', numbers(60));
  await settle();
  assert.deepEqual([await status(1), await status(2)], ['rejected', 'rejected']);
  assert.deepEqual(
    (await rig.checks.results({ dataset: 'mail', version: 2 })).map(({ suite, verdict }) => [suite, verdict]),
    [['range', 'failed']],
  );
  await define([between(100), warning], true);
  await rig.addRows('mail', numbers(70));
  await settle();
  const [told] = await rig.checks.results({ dataset: 'mail', version: 3 });
  assert.deepEqual([await status(3), told?.results.map((one) => one.outcome)], ['accepted', ['passed', 'failed']]);
  await judged.requireAccepted({ dataset: 'mail', version: 3 });

  // Each table of a version; one that holds none is told, and holds up nothing.
  await rig.add('mail', { 'a/x.jsonl': toLines(numbers(1)), 'b/x.jsonl': toLines(numbers(200)) });
  await rig.add('mail', { 'readme.txt': 'nothing' });
  await rig.addRows('mail', numbers(1));
  await settle();
  assert.deepEqual([await status(4), await status(5), await status(6)], ['rejected', 'unchecked', 'accepted']);
  await assert.rejects(judged.requireAccepted({ dataset: 'mail', version: 5 }), has('table_unreadable'));
  assert.match(rig.logLines.join('\n'), /a version could not be judged/);
});

testOnEach('an environment is a question of its own, and versions are compared with the one before', async (rig) => {
  const suite: CheckSuite = {
    name: 'range',
    dataset: 'mail',
    environments: { serving: { without: ['label'] } },
    expectations: [
      between(10),
      { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'label' }, severity: 'critical' },
      { type: 'expect_table_row_count_to_equal_other_table', kwargs: { other_table_name: 'previous' }, severity: 'critical' },
      { type: 'expect_column_values_to_be_in_other_table', kwargs: { column: 'n', other_table_name: 'known' }, severity: 'warning' },
    ],
  };
  await rig.database.transaction((tx) => rig.checks.define(tx, suite));
  await rig.addRows('known', numbers(1, 2));
  await rig.addRows('mail', numbers(1, 2));
  await rig.addRows('mail', numbers(3));
  const judge = (version: number, more: object = {}) =>
    rig.checks.run({ suite: 'range', ref: { dataset: 'mail', version }, actor: 'user:ann', ...more });
  const outcomes = async (version: number, more: object = {}) => (await judge(version, more)).results.map((one) => one.outcome);
  assert.deepEqual(await outcomes(1), ['passed', 'error', 'passed', 'passed']);
  assert.deepEqual(await outcomes(1, { environment: 'serving' }), ['passed', 'passed', 'passed']);
  assert.deepEqual(await outcomes(2, { environment: 'serving' }), ['passed', 'failed', 'failed']);
  assert.match((await judge(1)).results[2]?.note ?? '', /no version before/);
  await assert.rejects(judge(1, { environment: 'nowhere' }), has('environment_not_found'));
  // A warning alone does not reject, and a table that changed is looked at again only when that is asked for.
  await rig.database.transaction((tx) => rig.checks.define(tx, { ...suite, expectations: suite.expectations.slice(3) }));
  const first = await judge(2);
  assert.deepEqual(
    [first.verdict, first.results[0]?.outcome, (await rig.datasets.version(first)).status],
    ['passed', 'failed', 'accepted'],
  );
  await rig.addRows('known', numbers(1, 2, 3));
  assert.deepEqual(await judge(2), first);
  assert.equal((await judge(2, { again: true })).results[0]?.outcome, 'passed');
});

testOnEach('one pair of suite and version is judged once, also by two at the same time', async (rig) => {
  await rig.database.transaction((tx) => rig.checks.define(tx, { name: 'range', dataset: 'mail', expectations: [between(10)] }));
  await rig.addRows('mail', numbers(1, 2, 3));
  const other = await rig.another();
  const ref = { dataset: 'mail', version: 1 };
  const results = await Promise.all([rig, other, rig, other].map((one) => one.checks.run({ suite: 'range', ref, actor: 'user:ann' })));
  assert.equal(new Set(results.map((one) => one.id)).size, 1);
  assert.equal((await rig.checks.results(ref)).length, 1);
  assert.equal((await rig.eventTypes()).filter((type) => type === 'check.completed').length, 1);
});

testOnEach('a mended suite speaks for itself: what its older definition said no longer rejects', async (rig) => {
  const define = (max: number) =>
    rig.database.transaction((tx) => rig.checks.define(tx, { name: 'range', dataset: 'mail', expectations: [between(max)] }));
  const ref = { dataset: 'mail', version: 1 };
  const run = () => rig.checks.run({ suite: 'range', ref, actor: 'user:ann' });
  const status = async () => (await rig.datasets.version(ref)).status;
  await rig.addRows('mail', numbers(1, 20));
  await define(10);
  await run();
  assert.equal(await status(), 'rejected');
  await define(100);
  await run();
  assert.equal(await status(), 'accepted');
  await define(10);
  await run();
  assert.equal(await status(), 'rejected');
  // Another suite that passes does not outvote it.
  await rig.database.transaction((tx) => rig.checks.define(tx, { name: 'wide', dataset: 'mail', expectations: [between(1000)] }));
  await rig.checks.run({ suite: 'wide', ref, actor: 'user:ann' });
  assert.equal(await status(), 'rejected');
});

testOnEach('folders of one version are judged apart, and one bad folder rejects it', async (rig) => {
  await rig.database.transaction((tx) => rig.checks.define(tx, { name: 'range', dataset: 'mail', expectations: [between(10)] }));
  await rig.add('mail', { 'bad/x.jsonl': toLines(numbers(99)), 'good/x.jsonl': toLines(numbers(1)) });
  const ref = { dataset: 'mail', version: 1 };
  const run = (folder: string) => rig.checks.run({ suite: 'range', ref, folder, actor: 'user:ann' });
  assert.equal((await run('bad')).verdict, 'failed');
  assert.equal((await run('good')).verdict, 'passed');
  assert.equal((await rig.datasets.version(ref)).status, 'rejected');
});

const view: FeatureView = {
  name: 'activity',
  entity: 'sender',
  dataset: 'mail',
  idColumn: 'id',
  streams: [
    { name: 'mails', timeColumn: 'at', where: null },
    { name: 'spam', timeColumn: 'confirmed', where: 'spam' },
  ],
  features: [
    { name: 'mails_1h', stream: 'mails', aggregate: 'count', windowMs: HOUR },
    { name: 'mails_7d', stream: 'mails', aggregate: 'count', windowMs: 7 * DAY },
    { name: 'spam_30d', stream: 'spam', aggregate: 'count', windowMs: 30 * DAY },
  ],
};

testOnEach('pushing a row again counts once, whether as rows or as a whole version', async (rig) => {
  await rig.database.transaction((tx) => rig.features.define(tx, view));
  const row = { id: 'a', sender: 's', at: START, spam: true, confirmed: START + HOUR };
  assert.equal(await rig.features.push(view.name, [row]), 2);
  assert.equal(await rig.features.push(view.name, [row, { ...row, at: START + 5 }]), 0);
  await rig.addRows('mail', [row, { ...row, id: 'b', spam: false }, { ...row, id: 'c', sender: null }]);
  assert.equal(await rig.features.materialize(view.name, { dataset: 'mail', version: 1 }), 1);
  const [vector] = await rig.features.lookup(view.name, ['s'], START + 2 * HOUR);
  assert.deepEqual(vector, { mails_1h: 0, mails_7d: 2, spam_30d: 1 });
  // At its own moment an event does not count yet.
  assert.deepEqual(
    (await rig.features.lookup(view.name, ['s', 'nobody'], START)).map((one) => one['mails_7d']),
    [0, 0],
  );
  await assert.rejects(rig.features.push(view.name, [{ id: 'x', at: START }]), has('invalid_input'));
  await assert.rejects(rig.features.push(view.name, [{ ...row, id: 'x', at: 0.5 }]), has('invalid_input'));
  await assert.rejects(rig.features.lookup('nowhere', ['s'], 0), has('view_not_found'));
});

testOnEach('looking features up says what joining them says, on random rows with ties and late labels', async (rig) => {
  await rig.database.transaction((tx) => rig.features.define(tx, view));
  const random = createSeededRandom('rows');
  const whole = (below: number) => Math.floor(random.next() * below);
  // Few senders, and times on a coarse grid: many rows share a moment, and many fall on the edge of a window.
  const rows = Array.from({ length: 3000 }, (_, index) => ({
    // Some ids come twice.
    id: `m${random.next() < 0.05 ? whole(index + 1) : index}`,
    sender: random.next() < 0.01 ? null : `s${whole(12)}`,
    at: START + whole(900) * 15 * 60_000 + (random.next() < 0.2 ? whole(3) - 1 : 0),
    spam: random.next() < 0.3,
    confirmed: random.next() < 0.1 ? null : START + whole(900) * HOUR,
  }));
  const ref = { dataset: 'mail', version: (await rig.addRows('mail', rows)).version };
  await rig.features.materialize(view.name, ref);
  const asked = Array.from({ length: 600 }, () => ({ sender: `s${whole(13)}`, time: START + whole(900) * 15 * 60_000 + whole(3) - 1 }));
  const entities = await rig.addRows('asked', asked);
  const target = join(rig.home, 'joined.parquet');
  assert.equal(
    await rig.features.join({
      view: view.name,
      entities: { dataset: 'asked', version: entities.version },
      timeColumn: 'time',
      history: ref,
      target,
    }),
    asked.length,
  );
  const joined = await rig.ports.tables.readColumns({ format: 'parquet', paths: [target], label: 'joined' }, null);
  let counted = 0;
  for (const [index, { sender, time }] of asked.entries()) {
    const [online] = await rig.features.lookup(view.name, [sender], time);
    const offline = Object.fromEntries(view.features.map(({ name }) => [name, joined.columns[name]?.[index] ?? null]));
    assert.deepEqual(offline, online, `${sender} at ${time}`);
    counted += Number(offline['mails_7d']) + Number(offline['spam_30d']);
  }
  assert.ok(counted > 10_000, `only ${counted} events were counted: the test compares nothing`);
});

testOnEach('once a day, events that no window reaches any more are forgotten, and no value changes by it', async (rig) => {
  await rig.database.transaction((tx) => rig.features.define(tx, view));
  const row = (id: string, at: number) => ({ id, sender: 's', at, spam: false, confirmed: null });
  await rig.features.push(view.name, [row('old', START - 100 * DAY), row('kept', START - 50 * DAY), row('new', START - HOUR / 2)]);
  const expiry = createFeatureExpiry(rig);
  const all = [{ stream: 'mails', from: 0, until: START }];
  const before = await rig.features.lookup(view.name, ['s'], START);
  await expiry.tick();
  assert.deepEqual(await rig.database.read.features.counts(view.name, ['s'], all), [[2]]);
  assert.deepEqual(await rig.features.lookup(view.name, ['s'], START), before);
  rig.clock.advanceBy(DAY / 2);
  await rig.features.push(view.name, [row('late', START - 100 * DAY)]);
  await expiry.tick();
  assert.deepEqual(await rig.database.read.features.counts(view.name, ['s'], all), [[3]], 'it looks once a day');
  rig.clock.advanceBy(DAY);
  await expiry.tick();
  assert.deepEqual(await rig.database.read.features.counts(view.name, ['s'], all), [[2]]);
});

testOnEach('features of many keys are one read, of the view as it is defined now, whoever defines it', async (rig) => {
  const other = await rig.another();
  const statements: string[] = [];
  const { read } = rig.database;
  const features = {
    ...read.features,
    view: (name: string) => (statements.push('view'), read.features.view(name)),
    counts: (...asked: Parameters<typeof read.features.counts>) => (statements.push('counts'), read.features.counts(...asked)),
  };
  const service = createFeatureService({
    ...rig.ports,
    datasets: rig.datasets,
    database: { ...rig.database, read: { ...read, features } },
  });
  await rig.database.transaction((tx) => rig.features.define(tx, view));
  await rig.features.push(view.name, [{ id: '1', sender: 'a', at: START - HOUR, spam: false, confirmed: null }]);
  const look = () => service.lookup(view.name, ['a', 'b', 'a'], START);
  const [first, second, third] = await look();
  assert.deepEqual([first?.['mails_7d'], second?.['mails_7d'], third?.['mails_7d']], [1, 0, 1]);
  statements.splice(0);
  for (let request = 0; request < 3; request++) await look();
  assert.deepEqual(statements, ['counts', 'counts', 'counts']);
  const narrow = { ...view, features: view.features.slice(0, 1) };
  for (const [at, features] of [
    [rig, narrow],
    [other, view],
  ] as const) {
    await at.ports.database.transaction((tx) => at.features.define(tx, features));
    // Where the engine tells nobody else, a second is the longest that an old one is held.
    if (at === other) rig.clock.advanceBy(1000);
    assert.equal(Object.keys((await look())[0] ?? {}).length, features.features.length);
  }
});
