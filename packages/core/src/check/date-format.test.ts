import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseableDates, toDateFormat, toDateTest } from './date-format.ts';

const fits = (format: string, text: string): boolean => toDateTest(toDateFormat(format))(text);

describe('date formats', () => {
  test('the whole text must be of the format, and name a day that there is', () => {
    for (const [format, text, expected] of [
      ['%Y-%m-%d', '2024-02-29', true],
      ['%Y-%m-%d', '2023-02-29', false],
      ['%Y-%m-%d', '1900-02-29', false],
      ['%Y-%m-%d', '2000-02-29', true],
      ['%Y-%m-%d', '2024-04-31', false],
      ['%Y-%m-%d', '2024-1-5', true],
      ['%Y-%m-%d', '2024-01-05 ', false],
      ['%Y-%m-%d', '0000-01-05', false],
      ['%d/%m/%y', '29/02/69', false],
      ['%d/%m/%y', '29/02/68', true],
      ['%d %b %Y', '31 JUN 2020', false],
      ['%d %B %Y', '30 june 2020', true],
      ['%d %b', '29 Feb', false],
      ['%H:%M:%S', '23:59:60', false],
      ['%I:%M %p', '12:05 am', true],
      ['%I:%M %p', '13:05 am', false],
      ['%Y-%m-%dT%H:%M:%S%z', '2024-01-01T00:00:00+05:30', true],
      ['%j of %Y', '366 of 2024', true],
      ['100%%', '100%', true],
      ['%Y  %m', '2020 \t 1', true],
      ['(%Y)', '(2020)', true],
    ] as const)
      assert.equal(fits(format, text), expected, `${text} as ${format}`);
    assert.throws(() => toDateFormat('%Y-%q'), /"%q" in the format "%Y-%q" is no directive/);
    assert.throws(() => toDateFormat('%Y-%'), /no directive/);
  });

  test('what dateutil takes for a date, and what it does not', () => {
    const tests = parseableDates().map(toDateTest);
    const parseable = (text: string): boolean => tests.some((one) => one(text));
    for (const text of [
      '2024-01-31',
      '2024-01-31T10:00:00Z',
      '2024-01-31 10:00:00.123456+02:00',
      '20240131',
      '1/31/2024',
      '31/1/2024',
      'Jan 31, 2024',
      '31 January 2024',
      'Thu Sep 25 10:36:28 2003',
      'Fri, 1 Mar 2024 09:00:00 GMT',
      '10:36',
      '2024-01',
      '03/04/24 3:04 PM',
    ])
      assert.ok(parseable(text), text);
    for (const text of ['', 'yesterday', '2024-02-30', '2024-13-01', 'a 2024-01-01', '99:99', '2024-01-01T25:00', 'x'])
      assert.ok(!parseable(text), text);
  });
});
