import assert from 'node:assert/strict';
import test from 'node:test';
import { dueFires, jitterOf, nextFire, toPartitions } from '@pawl/core';
import type { ScheduleSource } from '@pawl/core';
import { createCalendar } from './calendar.ts';

const calendar = await createCalendar();
const berlin = 'Europe/Berlin';
const DAY = 86_400_000;

function schedule(change: Partial<ScheduleSource>): ScheduleSource {
  return {
    kind: 'schedule',
    cron: '30 2 * * *',
    everyMs: null,
    timezone: berlin,
    jitterMs: 0,
    start: null,
    end: null,
    catchUp: 'latest',
    catchUpLimit: 100,
    ...change,
  };
}

function fires(source: ScheduleSource, after: string, count: number): readonly string[] {
  const found: string[] = [];
  for (let at = Date.parse(after); found.length < count;) {
    const next = nextFire(calendar, source, at);
    if (next === undefined) break;
    found.push(new Date(next).toISOString().slice(0, 16));
    at = next;
  }
  return found;
}

test('the day that loses an hour: a time that is left out comes when the clock has jumped', () => {
  assert.deepEqual(fires(schedule({}), '2026-03-28T00:00:00Z', 3), ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30']);
  assert.deepEqual(fires(schedule({ cron: '0 * * * *' }), '2026-03-28T23:30:00Z', 3), [
    '2026-03-29T00:00',
    '2026-03-29T01:00',
    '2026-03-29T02:00',
  ]);
});

test('the day that has an hour twice: a fixed time comes once, every hour each time', () => {
  assert.deepEqual(fires(schedule({}), '2026-10-24T12:00:00Z', 2), ['2026-10-25T00:30', '2026-10-26T01:30']);
  assert.deepEqual(fires(schedule({ cron: '0 * * * *' }), '2026-10-24T22:30:00Z', 4), [
    '2026-10-24T23:00',
    '2026-10-25T00:00',
    '2026-10-25T01:00',
    '2026-10-25T02:00',
  ]);
});

test('29 February comes in leap years', () => {
  const leap = schedule({ cron: '0 0 29 2 *', timezone: 'UTC' });
  assert.deepEqual(fires(leap, '2026-01-01T00:00:00Z', 2), ['2028-02-29T00:00', '2032-02-29T00:00']);
  assert.match(calendar.problem('0 0 31 2 *', 'UTC') ?? '', /never comes/);
});

test('start, end and distances', () => {
  const every = schedule({
    cron: null,
    everyMs: 6 * 3_600_000,
    start: Date.parse('2026-01-01T01:00:00Z'),
    end: Date.parse('2026-01-01T14:00:00Z'),
  });
  assert.deepEqual(fires(every, '2025-12-01T00:00:00Z', 5), ['2026-01-01T01:00', '2026-01-01T07:00', '2026-01-01T13:00']);
});

test('three days of downtime: all of them, the latest, or none', () => {
  const stored = Date.parse('2026-05-01T00:30:00Z');
  const now = Date.parse('2026-05-03T12:00:00Z');
  const due = (catchUp: ScheduleSource['catchUp'], limit = 100) =>
    dueFires(calendar, schedule({ catchUp, catchUpLimit: limit }), stored, now);
  assert.deepEqual(
    (['all', 'latest', 'none'] as const).map((one) => due(one).fires.length),
    [3, 1, 0],
  );
  const [first] = due('all').fires;
  assert.deepEqual(first, { scheduledFor: stored, start: stored - DAY, end: stored });
  assert.equal(new Date(due('all').next ?? 0).toISOString(), '2026-05-04T00:30:00.000Z');
  assert.deepEqual(due('all').missed, null);
  assert.deepEqual(due('none').missed, { from: stored, to: stored + 2 * DAY });
  assert.deepEqual([due('all', 2).fires.length, due('all', 2).missed], [2, { from: stored, to: stored }]);
  // On time is not missed.
  assert.equal(dueFires(calendar, schedule({ catchUp: 'none' }), stored, stored + 400).fires.length, 1);
  // A clock that stepped back owes nothing.
  assert.deepEqual(dueFires(calendar, schedule({}), stored, stored - DAY), { fires: [], missed: null, next: stored });
});

test('jitter is the same for one moment, and spread over the triggers', () => {
  const source = schedule({ jitterMs: 1000 });
  const all = Array.from({ length: 200 }, (_, at) => jitterOf(source, `t${at}`, 5));
  assert.equal(jitterOf(source, 't1', 5), all[1]);
  assert.ok(all.every((one) => one >= 0 && one < 1000));
  assert.ok(new Set(all.map((one) => Math.floor(one / 100))).size === 10);
});

test('partitions follow the calendar of their zone', () => {
  const from = calendar.moment('2026-01-01', berlin) ?? 0;
  const to = calendar.moment('2027-01-01', berlin) ?? 0;
  const days = toPartitions(calendar, 'daily', berlin, from, to);
  assert.deepEqual([days.length, days[0]?.name, days.at(-1)?.name], [365, '2026-01-01', '2026-12-31']);
  const lengths = new Set(days.map((day) => (day.end - day.start) / 3_600_000));
  assert.deepEqual(
    [...lengths].toSorted((a, b) => a - b),
    [23, 24, 25],
  );
  assert.deepEqual(
    toPartitions(calendar, 'monthly', 'UTC', from, to)
      .map(({ name }) => name)
      .slice(0, 2),
    ['2026-01', '2026-02'],
  );
  assert.equal(toPartitions(calendar, 'weekly', berlin, from, to).length, 52);
  const hours = toPartitions(calendar, 'hourly', berlin, Date.parse('2026-10-24T22:00:00Z'), Date.parse('2026-10-25T23:00:00Z'));
  assert.deepEqual([hours.length, new Set(hours.map(({ name }) => name)).size], [25, 25]);
});

test('local moments', () => {
  assert.equal(new Date(calendar.moment('2026-03-29T02:30', berlin) ?? 0).toISOString(), '2026-03-29T01:00:00.000Z');
  assert.equal(new Date(calendar.moment('2026-10-25T02:30', berlin) ?? 0).toISOString(), '2026-10-25T00:30:00.000Z');
  for (const wrong of ['2026-02-30', '2026-13-01', '2026-00-10', '2026-01-00', '2026-01-01T24:00', '2026-01-01T10:60', 'x'])
    assert.equal(calendar.moment(wrong, berlin), undefined, wrong);
  assert.match(calendar.problem('* * * * *', 'Mars/X') ?? '', /no time zone "Mars\/X"/);
  assert.match(calendar.problem('61 * * * *', 'UTC') ?? '', /no cron line/);
});
