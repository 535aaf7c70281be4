import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { isFault } from '@pawl/core';
import { createIds } from './ids.ts';
import { createDigestStream, hashSha256 } from './sha256.ts';
import { createSeededRandom, createSimulatedClock } from './simulated.ts';
import { createSystemClock, createSystemRandom } from './system.ts';

describe('clocks', () => {
  test('the system clock tells the machine time and never goes back', () => {
    const clock = createSystemClock();
    assert.ok(Math.abs(clock.now() - Date.now()) < 1000);
    let last = 0;
    for (let round = 0; round < 1000; round += 1) {
      const now = clock.now();
      assert.ok(now >= last);
      last = now;
    }
  });

  test('the simulated clock flows between jumps and refuses to go back', async () => {
    const clock = createSimulatedClock(1_000_000);
    const first = clock.now();
    assert.ok(first >= 1_000_000 && first < 1_000_500);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.ok(clock.now() >= first + 25);
    clock.advanceTo(5_000_000);
    assert.ok(clock.now() >= 5_000_000 && clock.now() < 5_000_500);
    clock.advanceBy(86_400_000);
    assert.ok(clock.now() >= 91_400_000);
    for (const bad of [4_000_000, Number.NaN, 1e20, 91_500_000.5])
      assert.throws(
        () => clock.advanceTo(bad),
        (error) => isFault(error, 'invalid_input'),
      );
    assert.ok(clock.now() >= 91_400_000);
    assert.throws(
      () => createSimulatedClock(-1),
      (error) => isFault(error, 'invalid_input'),
    );
  });
});

describe('randomness', () => {
  test('a seed gives its own numbers, every time the same', () => {
    const take = (seed: string | number): number[] => {
      const random = createSeededRandom(seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    assert.deepEqual(take('a'), take('a'));
    assert.notDeepEqual(take('a'), take('b'));
    assert.deepEqual([...createSeededRandom(7).bytes(6)], [...createSeededRandom('7').bytes(6)]);
  });

  test('numbers are uniform in [0, 1): mean, spread and 64 cells', () => {
    for (const random of [createSeededRandom(1), createSystemRandom()]) {
      const count = 64_000;
      const cells = new Array<number>(64).fill(0);
      let sum = 0;
      for (let index = 0; index < count; index += 1) {
        const value = random.next();
        assert.ok(value >= 0 && value < 1);
        sum += value;
        cells[Math.floor(value * 64)] = (cells[Math.floor(value * 64)] ?? 0) + 1;
      }
      // Six standard errors of the mean; the chi-square with 63 degrees of freedom exceeds 150 with probability below 1e-8.
      assert.ok(Math.abs(sum / count - 0.5) < (6 * Math.sqrt(1 / 12)) / Math.sqrt(count));
      assert.ok(cells.reduce((chi, cell) => chi + (cell - 1000) ** 2 / 1000, 0) < 150);
    }
    assert.equal(createSystemRandom().bytes(16).length, 16);
    assert.notDeepEqual(createSystemRandom().bytes(16), createSystemRandom().bytes(16));
  });
});

describe('ids', () => {
  test('grow strictly, also within a millisecond and when the clock goes back', () => {
    let time = 1_700_000_000_000;
    const random = createSeededRandom(3);
    const ids = createIds({ now: () => time }, random);
    let last = '';
    for (let index = 0; index < 60_000; index += 1) {
      if (index % 20_000 === 9_999) time -= 5;
      if (index % 20_000 === 19_999) time += 100;
      const id = ids.next();
      assert.match(id, /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
      assert.ok(id > last, `${id} after ${last}`);
      last = id;
    }
    assert.equal(
      createIds({ now: () => 255 }, random)
        .next()
        .slice(0, 12),
      '0000000000ff',
    );
  });

  test('carry from byte to byte, over the variant bits', () => {
    const ids = createIds({ now: () => 1 }, { next: () => 0, bytes: (length) => new Uint8Array(length).fill(0xff) });
    assert.equal(ids.next(), '00000000000177ffbfffffffffffffff');
    assert.equal(ids.next(), '00000000000178008000000000000000');
    assert.equal(ids.next(), '00000000000178008000000000000001');
  });

  test('differ between makers in the same millisecond', () => {
    const seen = new Set(Array.from({ length: 2000 }, () => createIds({ now: () => 1 }, createSystemRandom()).next()));
    assert.equal(seen.size, 2000);
  });
});

describe('digests', () => {
  test('are SHA-256 of text as UTF-8 or of bytes, whole or in pieces', () => {
    // FIPS 180-2, appendix B.1.
    assert.equal(hashSha256('abc'), 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.equal(hashSha256('é🦆'), hashSha256(Buffer.from('é🦆', 'utf8')));
    const stream = createDigestStream();
    for (const piece of ['a', '', 'bc']) stream.update(Buffer.from(piece));
    assert.equal(stream.end(), hashSha256('abc'));
    assert.equal(createDigestStream().end(), `sha256:${createHash('sha256').digest('hex')}`);
  });
});
