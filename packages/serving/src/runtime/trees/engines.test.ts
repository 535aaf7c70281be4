import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Ensemble } from './ensemble.ts';
import { checkTrees, createArrayEngine, mode } from './ensemble.ts';
import { createWasmEngine, fitsWasm } from './wasm-engine.ts';

interface Shape {
  readonly comparison: 'FP32' | 'FP64';
  readonly features: number;
  readonly targets: number;
  readonly soleTargets: boolean;
  readonly trees: readonly number[];
  readonly seed: number;
}

/** Numbers of a linear congruential generator: what fast-check shrinks is the shape. */
function createNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const POINTS = [0, -0, 1, 0.1, -2.5, 3, 7, 1e-36, 1e30, 4.75];

/** Random trees, whose thresholds are few so that rows meet them exactly. */
function toEnsemble({ comparison, features, targets, soleTargets, trees, seed }: Shape): Ensemble {
  const pick = createNumbers(seed);
  const round = comparison === 'FP32' ? Math.fround : (value: number): number => value;
  const modes: number[] = [];
  const feature: number[] = [];
  const threshold: number[] = [];
  const whenTrue: number[] = [];
  const whenFalse: number[] = [];
  const rules: number[] = [];
  const weightStart = [0];
  const weights: number[] = [];
  const weightTarget: number[] = [];
  const add = (depth: number, target: number): number => {
    const index = modes.length;
    const isLeaf = depth === 0 || pick(5) === 0;
    const asked = isLeaf ? mode.leaf : 1 + pick(7);
    modes.push(asked);
    feature.push(pick(features));
    threshold.push(asked === mode.member ? pick(2) : round(POINTS[pick(POINTS.length)] as number));
    rules.push(pick(comparison === 'FP64' ? 4 : 2));
    whenTrue.push(0);
    whenFalse.push(0);
    const count = isLeaf ? (soleTargets ? 1 : pick(3)) : 0;
    for (let one = 0; one < count; one++) {
      weights.push((pick(2000) - 1000) / 7);
      weightTarget.push(soleTargets ? target : pick(targets));
    }
    weightStart.push(weights.length);
    if (!isLeaf) {
      whenTrue[index] = add(depth - 1, target);
      whenFalse[index] = add(depth - 1, target);
    }
    return index;
  };
  const roots = trees.map((depth, tree) => add(depth, tree % targets));
  return {
    comparison,
    features,
    targets,
    cover: null,
    roots: Int32Array.from(roots),
    modes: Uint8Array.from(modes),
    feature: Int32Array.from(feature),
    threshold: Float64Array.from(threshold),
    whenTrue: Int32Array.from(whenTrue),
    whenFalse: Int32Array.from(whenFalse),
    missing: Uint8Array.from(rules),
    weightStart: Int32Array.from(weightStart),
    weights: Float64Array.from(weights),
    weightTarget: Int32Array.from(weightTarget),
    sets: [Uint8Array.of(0b1001_1010, 0b1), Uint8Array.of(0)],
  };
}

/** Every threshold, its neighbours in float, members of sets and beyond, and what is no number. */
function toRows(comparison: 'FP32' | 'FP64', features: number, rows: number, seed: number): Float32Array | Float64Array {
  const pick = createNumbers(seed + 1);
  const near = new Float32Array(1);
  const bits = new Int32Array(near.buffer);
  const data = comparison === 'FP32' ? new Float32Array(rows * features) : new Float64Array(rows * features);
  return data.map(() => {
    const kind = pick(10);
    if (kind === 0) return [NaN, Infinity, -Infinity, -0, 0, 1e-35, -1e-35][pick(7)] as number;
    if (kind === 1) return pick(20) - 4 + (pick(2) === 0 ? 0 : 0.9);
    near[0] = POINTS[pick(POINTS.length)] as number;
    if (kind > 5) bits[0] = (bits[0] as number) + (pick(2) === 0 ? 1 : -1);
    return near[0] as number;
  });
}

const shapes = fc.record({
  comparison: fc.constantFrom('FP32' as const, 'FP64' as const),
  features: fc.integer({ min: 1, max: 6 }),
  targets: fc.integer({ min: 1, max: 4 }),
  soleTargets: fc.boolean(),
  trees: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 8 }),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});

/** Weights of one leaf may be added up beforehand, which rounds otherwise. */
function assertSums(found: Float64Array, expected: Float64Array): void {
  assert.equal(found.length, expected.length);
  expected.forEach((value, index) => assert.ok(Math.abs((found[index] as number) - value) <= 1e-9, `${found[index]} is not ${value}`));
}

test('compiled trees give what walking the arrays gives', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.integer({ min: 1, max: 40 }), async (shape, rows) => {
      const ensemble = toEnsemble(shape);
      const depth = checkTrees(ensemble);
      assert.ok(fitsWasm({ depth, trees: ensemble.roots.length, targets: shape.targets, features: shape.features }));
      const data = toRows(shape.comparison, shape.features + 1, rows, shape.seed);
      const expected = new Float64Array(rows * shape.targets);
      createArrayEngine(ensemble).sum(data, rows, shape.features + 1, expected);
      const found = new Float64Array(rows * shape.targets);
      (await createWasmEngine(ensemble)).sum(data, rows, shape.features + 1, found);
      assertSums(found, expected);
    }),
    { numRuns: 150 },
  );
});

test('more rows than a module holds at once are given in parts', async () => {
  const ensemble = toEnsemble({ comparison: 'FP64', features: 5, targets: 3, soleTargets: false, trees: [5, 5, 5], seed: 7 });
  const rows = 10_001;
  const data = toRows('FP64', 5, rows, 3);
  const expected = new Float64Array(rows * 3);
  createArrayEngine(ensemble).sum(data, rows, 5, expected);
  const found = new Float64Array(rows * 3);
  (await createWasmEngine(ensemble)).sum(data, rows, 5, found);
  assertSums(found, expected);
});

test('trees that loop, share nodes or ask for features that do not exist are refused', () => {
  const good = toEnsemble({ comparison: 'FP32', features: 2, targets: 1, soleTargets: true, trees: [6], seed: 5 });
  const inner = good.modes.findIndex((asked) => asked !== mode.leaf);
  assert.ok(inner >= 0);
  checkTrees(good);
  const bent = (change: (ensemble: { whenTrue: Int32Array; feature: Int32Array }) => void): Ensemble => {
    const copy = { ...good, whenTrue: good.whenTrue.slice(), feature: good.feature.slice() };
    change(copy);
    return copy;
  };
  assert.throws(() => checkTrees(bent((copy) => (copy.whenTrue[inner] = inner))), /two branches/);
  assert.throws(() => checkTrees(bent((copy) => (copy.whenTrue[inner] = 9999))), /outside its tree/);
  assert.throws(() => checkTrees(bent((copy) => (copy.feature[inner] = 2))), /feature 2 of 2/);
});
