import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { addHistograms } from '@pawl/core';
import type { Alert, Histograms, Label, MonitorBucket, MonitorSpec, PredictionRecord } from '@pawl/core';
import { createSeededRandom } from '@pawl/drivers';
import { createObserver, createReferences, createWindowJudge } from '@pawl/engine';
import { DAY, HOUR, START, prediction, settle, testOnEach, truth } from './rig.ts';
import type { Rig } from './rig.ts';
import { spec as rolloutSpec } from './traffic.ts';

const monitor: MonitorSpec = {
  name: 'spam',
  endpoint: 'spam',
  bucketMs: HOUR,
  windowBuckets: 24,
  minRows: 50,
  drift: { features: [], delta: 0.02, q: 0.01, flags: 2, of: 3 },
  quality: { adwinDelta: 0.002, maxErrorRate: 0.1, maxFalsePositiveRate: null },
  webhook: null,
};

type Draw = () => number;

function normal(seed: string): Draw {
  const random = createSeededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Version 1 answers at a watched endpoint; it was trained on 2000 rows of two standard normal columns. */
async function begin(rig: Rig, more: Partial<MonitorSpec> = {}): Promise<void> {
  const draw = normal('training');
  const training = await rig.addRows(
    'train',
    Array.from({ length: 2000 }, () => ({ x: draw(), y: draw(), spam: draw() > 0 })),
  );
  const inputs = [{ dataset: 'train', version: training.version, role: 'training' }];
  for (const x of [1, 2]) await rig.register({ x }, 0, { inputs });
  await rig.database.transaction(async (tx) => {
    await rig.rollouts.define(tx, rolloutSpec());
    await rig.monitors.define(tx, { ...monitor, ...more });
  });
  await rig.rollouts.start({ id: rig.ids.next(), endpoint: 'spam', candidate: 1, actor: 'user:ann' });
}

/** The loops as a process that has just started has them. */
function freshLoops(rig: Pick<Rig, 'ports' | 'datasets' | 'profiles'>) {
  const ports = { ...rig.ports, references: createReferences({ ...rig.ports, datasets: rig.datasets, profiles: rig.profiles }) };
  return [createObserver(ports), createWindowJudge(ports)] as const;
}

interface Day {
  readonly rows?: number;
  readonly shift?: number;
  /** Share of labels that contradict; no labels when absent. */
  readonly wrong?: number;
  readonly version?: number;
  readonly name?: string;
}

function traffic(
  day: number,
  { rows = 200, shift = 0, wrong, version = 1, name = '' }: Day = {},
): { records: PredictionRecord[]; labels: Label[] } {
  const draw = normal(`day ${day}${name}`);
  const records = Array.from({ length: rows }, (_, row) =>
    prediction(`d${day}${name}-${row}`, {
      version,
      time: START + day * DAY + Math.floor((row * DAY) / rows),
      label: row % 2 === 0,
      inputs: { x: draw() + shift, y: draw(), z: 1 },
    }),
  );
  const errors = Math.round((wrong ?? 0) * rows);
  const labels = wrong === undefined ? [] : records.map((one, row) => truth(one.id, (row % 2 === 0) !== row < errors, one.time + HOUR));
  return { records, labels };
}

/** Serves a day, and lets it pass. */
async function pass(rig: Rig, day: number, what: Day = {}): Promise<void> {
  const { records, labels } = traffic(day, what);
  await rig.predict(records);
  await rig.label(labels);
  rig.clock.advanceTo(START + (day + 1) * DAY + 60_000);
  await settle(...freshLoops(rig));
}

const alerts = async (rig: Rig, kind: string): Promise<readonly Alert[]> =>
  (await rig.monitors.alerts({}, { limit: 50 })).items.filter((one) => one.kind === kind);

const told = async (rig: Rig): Promise<readonly string[]> =>
  (await rig.eventTypes()).filter((type) => type.startsWith('alert.') || type === 'drift.detected');

const buckets = (rig: Rig, version = 1): Promise<readonly MonitorBucket[]> =>
  rig.database.read.monitors.buckets('spam', version, 0, START + 99 * DAY);

function sum(all: readonly MonitorBucket[]): Histograms {
  return all.reduce<Histograms>((held, one) => addHistograms(held, one.histograms as unknown as Histograms), {});
}

testOnEach('each answer is counted once in the bucket of its own time and version, whoever counts and whatever dies', async (rig) => {
  await begin(rig);
  const mine = traffic(0, { rows: 700 });
  const canary = traffic(0, { rows: 90, version: 2, name: 'canary', shift: 3 });
  const failed = traffic(0, { rows: 30, name: 'failed' }).records.map((one) => ({ ...one, code: 'prediction_failed' }));
  const other = await rig.another();
  for (const part of [mine.records.slice(0, 650), [...canary.records, ...failed], mine.records.slice(650), mine.records.slice(0, 20)]) {
    await rig.predict(part);
    await Promise.all([freshLoops(rig)[0].tick(), freshLoops(other)[0].tick()]);
  }
  await settle(freshLoops(rig)[0]);
  const found = await buckets(rig);
  assert.equal(found.length, 24);
  assert.equal(
    found.reduce((rows, one) => rows + one.rows, 0),
    700,
  );
  assert.ok(found.every((one) => one.start % HOUR === 0));
  assert.equal(
    (await buckets(rig, 2)).reduce((rows, one) => rows + one.rows, 0),
    90,
  );
  const total = sum(found);
  // Only inputs that the training data has are compared.
  assert.deepEqual(Object.keys(total).toSorted(), ['x', 'y']);
  assert.equal(total['x']?.rows, 700);
  assert.equal(sum(await buckets(rig, 2))['x']?.rows, 90);
  assert.deepEqual(rig.logLines, []);
});

testOnEach('late rows open their window again: it is marked revised, and its drift is told once', async (rig) => {
  await begin(rig);
  await pass(rig, 0);
  const window = async () => (await rig.monitors.windows('spam', 1, 10)).find((one) => one.start === START);
  const first = await window();
  assert.deepEqual([first?.rows, first?.status, first?.revised], [200, 'ok', false]);
  // A process that starts looks at every window again and finds nothing new.
  await settle(...freshLoops(rig));
  assert.deepEqual(await window(), first);
  await rig.predict(traffic(0, { rows: 300, shift: 2, name: 'late' }).records);
  await settle(...freshLoops(rig));
  const revised = await window();
  assert.deepEqual([revised?.rows, revised?.status, revised?.revised], [500, 'drift', true]);
  for (let restart = 0; restart < 3; restart++) await settle(...freshLoops(rig));
  for (const day of [1, 2, 3, 4]) await pass(rig, day);
  await settle(...freshLoops(rig));
  assert.equal((await told(rig)).filter((type) => type === 'drift.detected').length, 1);
  assert.equal((await window())?.revised, true);
});

testOnEach('a corrected label moves its prediction from one count to the other; said twice it counts once', async (rig) => {
  await begin(rig);
  await rig.predict([prediction('a', { label: true }), prediction('b'), prediction('c', { code: 'prediction_failed' })]);
  const quality = async () => {
    await settle(freshLoops(rig)[0]);
    const [bucket] = await buckets(rig);
    return Object.values(bucket?.quality ?? {});
  };
  const label = (id: string, value: boolean, time: number) => rig.label([truth(id, value, time)]);
  await label('a', true, 10);
  await label('b', true, 10);
  await label('c', true, 10);
  await label('early', true, 10);
  const [bucket] = await buckets(rig);
  assert.equal(bucket, undefined);
  // In the order true positive, false positive, true negative, false negative.
  assert.deepEqual(await quality(), [1, 0, 0, 1]);
  await label('a', false, 20);
  assert.deepEqual(await quality(), [0, 1, 0, 1]);
  await label('a', false, 30);
  await label('a', true, 5);
  await label('b', false, 11);
  assert.deepEqual(await quality(), [0, 1, 1, 0]);
  await rig.predict([prediction('early', { label: true })]);
  assert.deepEqual(await quality(), [1, 1, 1, 0]);
});

testOnEach('drift in one window is pending, in two of three it fires, missing data ends nothing, a quiet window does', async (rig) => {
  await begin(rig);
  const states = async () => (await alerts(rig, 'drift')).map((one) => one.state);
  await pass(rig, 0);
  assert.deepEqual(await states(), []);
  await pass(rig, 1, { shift: 1.5 });
  assert.deepEqual(await states(), ['pending']);
  await pass(rig, 2, { rows: 20 });
  assert.deepEqual(await states(), ['pending']);
  await pass(rig, 3);
  assert.deepEqual(await states(), ['resolved']);
  assert.deepEqual(await told(rig), ['drift.detected', 'alert.pending']);

  await pass(rig, 4, { shift: 1.5 });
  const [alert] = await alerts(rig, 'drift');
  assert.equal(alert?.state, 'firing');
  assert.match(alert.summary, /1 features drifted in 2 of 3 windows: x /);
  const silence = await told(rig);
  await pass(rig, 5, { rows: 49, shift: 1.5 });
  assert.deepEqual(
    (await rig.monitors.windows('spam', 1, 1)).map((one) => [one.status, one.drift]),
    [['not_enough_data', []]],
  );
  await pass(rig, 6, { rows: 0 });
  await settle(...freshLoops(rig));
  assert.deepEqual(await told(rig), silence);
  assert.equal((await rig.monitors.alert(alert.id)).state, 'firing');
  await pass(rig, 7);
  const resolved = await rig.monitors.alert(alert.id);
  assert.equal(resolved.state, 'resolved');
  assert.equal(resolved.evidence['resolved_because'], 'a window without drift');
  for (let restart = 0; restart < 2; restart++) await settle(...freshLoops(rig));
  assert.deepEqual((await told(rig)).slice(silence.length), ['alert.resolved']);
  assert.deepEqual(rig.logLines, []);
});

testOnEach('ADWIN fires on errors that rise, the same however its labels are cut, and resolves after a whole good window', async (rig) => {
  await begin(rig, { quality: { adwinDelta: 0.002, maxErrorRate: null, maxFalsePositiveRate: null } });
  for (const day of [0, 1, 2]) await pass(rig, day, { wrong: 0.03 });
  assert.deepEqual(await alerts(rig, 'quality'), []);
  const { records, labels } = traffic(3, { wrong: 0.6 });
  await rig.predict(records);
  rig.clock.advanceTo(START + 3 * DAY + HOUR);
  // A label at a time, a new process each: the detector's state must survive whole.
  for (let from = 0; from < labels.length; from += 9) {
    await rig.label(labels.slice(from, from + 9));
    await settle(freshLoops(rig)[0]);
  }
  const [alert] = await alerts(rig, 'quality');
  assert.equal(alert?.state, 'firing');
  assert.match(alert.summary, /error rate of version 1 rose from .* to .* \(ADWIN, δ 0.002/);
  const detector = await rig.database.read.monitors.detector('spam', 1, 'adwin');
  assert.equal(detector?.state['ticks'], 800);
  // Corrections were counted, and are not fed again.
  await rig.label(labels.slice(0, 50).map((one) => ({ ...one, value: !one.value, time: one.time + 1 })));
  await settle(freshLoops(rig)[0]);
  assert.equal((await rig.database.read.monitors.detector('spam', 1, 'adwin'))?.state['ticks'], 800);
  await pass(rig, 4, { rows: 10, wrong: 0 });
  await pass(rig, 5, { wrong: 0 });
  assert.equal((await rig.monitors.alert(alert.id)).state, 'firing', 'its labels have had no time to come');
  await pass(rig, 6, { rows: 20, wrong: 0 });
  const resolved = await rig.monitors.alert(alert.id);
  assert.deepEqual(
    [resolved.state, resolved.evidence['resolved_because']],
    ['resolved', 'a whole window is back at the error rate of before'],
  );
  assert.deepEqual(
    (await told(rig)).filter((type) => type.startsWith('alert.')),
    ['alert.fired', 'alert.resolved'],
  );
});

testOnEach('a window proven over its limit fires once its labels had time; an old one, looked at again, does not', async (rig) => {
  // ADWIN as good as off: the limits speak alone.
  await begin(rig, { quality: { adwinDelta: 1e-300, maxErrorRate: 0.1, maxFalsePositiveRate: null } });
  await pass(rig, 0, { wrong: 0.02 });
  await pass(rig, 1, { wrong: 0.4 });
  assert.deepEqual(await alerts(rig, 'quality'), []);
  await pass(rig, 2, { wrong: 0.02 });
  const [alert] = await alerts(rig, 'quality');
  assert.equal(alert?.state, 'firing');
  assert.match(alert.summary, /error rate 40\.0 % \(80 of 200; .*\) is over 10\.0 %/);
  for (const day of [3, 4]) await pass(rig, day, { wrong: 0.02 });
  assert.equal((await rig.monitors.alert(alert.id)).state, 'firing', 'no whole window has passed since it fired');
  await pass(rig, 5, { wrong: 0.02 });
  assert.equal((await rig.monitors.alert(alert.id)).state, 'resolved');
  // Labels corrected in the bad window, and processes that start: the past fires no second time.
  const { labels } = traffic(1, { wrong: 0.4 });
  await rig.label(labels.slice(150, 160).map((one) => ({ ...one, value: !one.value, time: one.time + 1 })));
  for (let restart = 0; restart < 3; restart++) await settle(...freshLoops(rig));
  assert.deepEqual(await told(rig), ['alert.fired', 'alert.resolved']);
});

testOnEach('when another version answers, the alerts of the one before are closed and it is judged by itself', async (rig) => {
  await begin(rig);
  await pass(rig, 0, { shift: 1.5 });
  await pass(rig, 1, { shift: 1.5 });
  const [alert] = await alerts(rig, 'drift');
  assert.equal(alert?.state, 'firing');
  const { id } = await rig.rollouts.start({ id: rig.ids.next(), endpoint: 'spam', candidate: 2, actor: 'user:ann' });
  await pass(rig, 2, { shift: 1.5, version: 2 });
  assert.equal((await rig.monitors.alert(alert.id)).state, 'firing', 'a canary takes over nothing');
  await rig.rollouts.decide({ id, decision: 'promote', reason: 'good', actor: 'user:ann' });
  await settle(...freshLoops(rig));
  const closed = await rig.monitors.alert(alert.id);
  assert.deepEqual([closed.state, closed.evidence['resolved_because']], ['resolved', 'version 2 took over']);
  // The windows of version 2 count from its own rows on.
  const [next] = (await alerts(rig, 'drift')).filter((one) => one.version === 2);
  assert.equal(next?.state, 'pending');
});

testOnEach('training data that cannot be read stops neither counting nor the other monitors, and is told once', async (rig) => {
  await begin(rig);
  const broken = await rig.add('broken', { 'a/x.csv': 'x\n1\n', 'b/x.csv': 'x\n2\n' });
  await rig.register({ x: 3 }, 0, { inputs: [{ dataset: 'broken', version: broken.version, role: 'training' }] });
  await rig.predict([...traffic(0).records, ...traffic(0, { version: 3, name: 'broken', rows: 100 }).records]);
  await rig.label([truth('d0-0', true, START)]);
  const [observer] = freshLoops(rig);
  await settle(observer);
  await rig.predict(traffic(0, { version: 3, name: 'more', rows: 100 }).records);
  await settle(observer);
  const unprofiled = await buckets(rig, 3);
  assert.equal(
    unprofiled.reduce((rows, one) => rows + one.rows, 0),
    200,
  );
  assert.deepEqual(sum(unprofiled), {});
  const [first] = await buckets(rig);
  assert.equal(first?.quality.truePositive, 1);
  assert.equal(rig.logLines.filter((line) => line.includes('drift cannot be watched')).length, 1);
});

testOnEach(
  'a monitor told to watch another input finds it in what was counted before; one that is no input is never drift',
  async (rig) => {
    await begin(rig, { drift: { ...monitor.drift, features: ['y'] } });
    await pass(rig, 0, { shift: 2 });
    const drifted = async () =>
      (await rig.monitors.windows('spam', 1, 10)).map((one) => one.drift.map(({ feature, flagged }) => [feature, flagged]));
    assert.deepEqual(await drifted(), [[['y', false]]]);
    await rig.database.transaction((tx) => rig.monitors.define(tx, { ...monitor, drift: { ...monitor.drift, features: ['x', 'spam'] } }));
    await settle(...freshLoops(rig));
    assert.deepEqual(await drifted(), [[['x', true]]]);
  },
);

testOnEach('a monitor that cannot be followed stops no other, and counts all it missed once it can', async (rig) => {
  await begin(rig);
  await rig.database.transaction((tx) => rig.monitors.define(tx, { ...monitor, name: 'other' }));
  let down = true;
  const references = createReferences({ ...rig.ports, datasets: rig.datasets, profiles: rig.profiles });
  const fragile = {
    profile: (...[spec, version, inputs]: Parameters<typeof references.profile>) => {
      if (down && spec.name === 'spam') throw new Error('the disk is gone');
      return references.profile(spec, version, inputs);
    },
  };
  const ports = { ...rig.ports, references: fragile };
  const rows = async (name: string) =>
    (await rig.database.read.monitors.buckets(name, 1, 0, START + 99 * DAY)).reduce((total, one) => total + one.rows, 0);
  const { records, labels } = traffic(0, { rows: 1200, wrong: 0.1 });
  await rig.predict(records);
  await rig.label(labels);
  rig.clock.advanceTo(START + DAY + 60_000);
  const failed = { message: 'Monitor "spam" could not be followed.' };
  // In one look, for the next comes late: whoever runs a loop that failed pauses it.
  for (let look = 0; look < 4; look++) await assert.rejects(createObserver(ports).tick(), failed);
  assert.deepEqual([await rows('spam'), await rows('other')], [0, 1200]);
  await settle(createWindowJudge(ports));
  assert.equal((await rig.monitors.windows('other', 1, 10)).length, 1);
  down = false;
  await settle(createObserver(ports));
  assert.equal(await rows('spam'), 1200);
  assert.deepEqual(sum(await buckets(rig)), sum(await rig.database.read.monitors.buckets('other', 1, 0, START + 99 * DAY)));
  down = true;
  await assert.rejects(createWindowJudge(ports).tick(), failed);
  down = false;
  await settle(createWindowJudge(ports));
  assert.equal((await rig.monitors.windows('spam', 1, 10))[0]?.rows, 1200);
});

testOnEach('training data that is mended is found after five minutes, and a profile that is gone is made again', async (rig) => {
  await begin(rig);
  const references = createReferences({ ...rig.ports, datasets: rig.datasets, profiles: rig.profiles });
  const spec = { ...monitor };
  const version = await rig.models.version('spam-filter', '1');
  const [input] = version.inputs;
  const { entries } = await rig.datasets.manifest({ dataset: 'train', version: input?.version ?? 0 });
  const file = await rig.ports.blobs.localPath(entries[0]?.digest ?? 'sha256:');
  const look = () => references.profile(spec, version, ['x']);
  renameSync(file, `${file}.away`);
  assert.equal(await look(), undefined);
  renameSync(`${file}.away`, file);
  rig.clock.advanceBy(299_000);
  assert.equal(await look(), undefined, 'it is not looked for at every batch');
  rig.clock.advanceBy(1000);
  const found = await look();
  assert.deepEqual(Object.keys(found ?? {}), ['x']);
  assert.equal(rig.logLines.filter((line) => line.includes('drift cannot be watched')).length, 1);

  const stored = await rig.database.read.monitors.reference('spam', 1);
  rmSync(await rig.ports.blobs.localPath(stored?.profile ?? 'sha256:'));
  assert.deepEqual(
    await createReferences({ ...rig.ports, datasets: rig.datasets, profiles: rig.profiles }).profile(spec, version, ['x']),
    found,
  );
});
