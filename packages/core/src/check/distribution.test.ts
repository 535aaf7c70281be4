import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeAssociation, judgeDistribution, judgeFit, judgeKolmogorovSmirnov } from './distribution.ts';
import { klDivergence, readPartition, toBinShares, toValueShares } from './partition.ts';
import type { Partition } from './partition.ts';

describe('distributions', () => {
  test('each test draws its own line', () => {
    const same = { reference: [500, 300, 200], current: [50, 30, 20] };
    const other = { reference: [500, 300, 200], current: [200, 300, 500] };
    for (const [name, limit] of [
      ['effect', 0.02],
      ['chi_square', 0.01],
      ['psi', 0.1],
      ['kl', 0.1],
      ['js', 0.1],
    ] as const) {
      assert.equal(judgeDistribution(name, limit, same).passed, true, name);
      assert.equal(judgeDistribution(name, limit, other).passed, name === 'js' ? true : false, name);
    }
    assert.equal(judgeDistribution('js', 0.05, other).passed, false);
    assert.equal(judgeDistribution('psi', 0.1, { reference: [0], current: [5] }).passed, false);
    assert.equal(judgeKolmogorovSmirnov(0.01, 0.2, 50, 60).passed, true);
    assert.equal(judgeKolmogorovSmirnov(0.01, 0.9, 50, 60).passed, false);
  });

  test('the fit refutes values that have no share, and weighs the others', () => {
    assert.equal(judgeFit({ observed: [52, 48], expected: [0.5, 0.5] }, 0.05).passed, true);
    assert.equal(judgeFit({ observed: [80, 20], expected: [0.5, 0.5] }, 0.05).passed, false);
    assert.equal(judgeFit({ observed: [50, 50, 1], expected: [0.5, 0.5, 0] }, 0.05).passed, false);
  });

  test("Cramér's phi is 0 for independence and 1 for the same partition", () => {
    const independent = [['a', 'x', 10], ['a', 'y', 20], ['b', 'x', 30], ['b', 'y', 60]] as const; // prettier-ignore
    assert.ok(Number(judgeAssociation(independent, 0.1).observed?.['phi']) < 1e-9);
    assert.equal(judgeAssociation([['a', 'x', 10], ['b', 'y', 20]], 0.99).passed, false); // prettier-ignore
    assert.equal(judgeAssociation([['a', 'x', 10]], 0.1).passed, true);
  });

  test('partitions are read, and their holdouts shared out', () => {
    const bins = readPartition({
      partition_object: { bins: [0, 1, 2], weights: [1, 0] },
      tail_weight_holdout: 0.2,
      internal_weight_holdout: 0.1,
    });
    const shares = toBinShares(bins as Extract<Partition, { kind: 'bins' }>, [1, 2, 3, 4]);
    assert.deepEqual(shares.observed, [1, 2, 3, 4]);
    shares.expected.forEach((share, at) => assert.ok(Math.abs(share - ([0.1, 0.7, 0.1, 0.1][at] as number)) < 1e-12));
    const open = readPartition({ partition_object: { bins: ['-Infinity', 0, 'Infinity'], weights: [0.5, 0.5] } });
    assert.deepEqual(toBinShares(open as Extract<Partition, { kind: 'bins' }>, [0, 3, 4, 0]), { observed: [3, 4], expected: [0.5, 0.5] });
    const values = readPartition({ partition_object: { values: ['a', 'b'], weights: [0.5, 0.5] }, tail_weight_holdout: 0.2 });
    assert.deepEqual(
      toValueShares(values as Extract<Partition, { kind: 'values' }>, [
        { value: 'a', count: 3 },
        { value: 'c', count: 1 },
      ]),
      {
        observed: [3, 0, 1],
        expected: [0.4, 0.4, 0.2],
      },
    );
    assert.equal(klDivergence({ observed: [1, 1], expected: [0.5, 0.5] }), 0);
    assert.equal(klDivergence({ observed: [1, 1], expected: [1, 0] }), Infinity);
    for (const [partition, problem] of [
      [{ bins: [0, 1], weights: [0.5] }, /sum to 1/],
      [{ bins: [1, 0], weights: [1] }, /must rise/],
      [{ bins: [0, 1, 2], weights: [1] }, /3 edges for 1 weights/],
      [{ values: ['a'], weights: [0.5, 0.5] }, /1 values and 2 weights/],
      [{ bins: ['-inf', 1], weights: [0.8], tail_weights: [0.1, 0.1] }, /infinite end/],
      [[], /must be an object/],
    ] as const)
      assert.throws(() => readPartition({ partition_object: partition }), problem);
  });
});
