import type { Ensemble } from './ensemble.ts';
import { MOST_TREE_NODES, TreeError, mode } from './ensemble.ts';

/** Collects nodes of trees that a file gives one after another. */
export interface EnsembleBuilder {
  /** Index that the next node gets. */
  next(): number;
  /** A question: `mode`, column, threshold, the nodes that follow, and the rule for missing values. */
  ask(asked: number, feature: number, threshold: number, whenTrue: number, whenFalse: number, missing: number): void;
  /** A leaf with one weight. */
  leaf(weight: number, target: number): void;
  /** Rows of training that reached the nodes added since, in their order; for none or all. */
  cover(rows: readonly number[]): void;
  root(index: number): void;
  /** Adds a set of categories; returns its number, which stands as the threshold of a MEMBER node. */
  set(members: Uint8Array): number;
  build(comparison: 'FP32' | 'FP64', features: number, targets: number): Ensemble;
}

/** Throws `TreeError` when there are more nodes than an ensemble may have. */
export function createBuilder(): EnsembleBuilder {
  const modes: number[] = [];
  const feature: number[] = [];
  const threshold: number[] = [];
  const whenTrue: number[] = [];
  const whenFalse: number[] = [];
  const missing: number[] = [];
  const weightStart: number[] = [0];
  const weights: number[] = [];
  const weightTarget: number[] = [];
  const roots: number[] = [];
  const sets: Uint8Array[] = [];
  const covers: number[] = [];

  function add(asked: number, column: number, limit: number, yes: number, no: number, rule: number): void {
    if (modes.length >= MOST_TREE_NODES) throw new TreeError(`more than ${MOST_TREE_NODES} nodes`);
    modes.push(asked);
    feature.push(column);
    threshold.push(limit);
    whenTrue.push(yes);
    whenFalse.push(no);
    missing.push(rule);
  }

  return {
    next: () => modes.length,
    ask: (asked, column, limit, yes, no, rule) => {
      add(asked, column, limit, yes, no, rule);
      weightStart.push(weights.length);
    },
    leaf: (weight, target) => {
      add(mode.leaf, 0, 0, 0, 0, 0);
      weights.push(weight);
      weightTarget.push(target);
      weightStart.push(weights.length);
    },
    cover: (rows) => {
      for (const count of rows) covers.push(count);
    },
    root: (index) => void roots.push(index),
    set: (members) => sets.push(members) - 1,
    build: (comparison, features, targets) => ({
      comparison,
      features,
      targets,
      roots: Int32Array.from(roots),
      modes: Uint8Array.from(modes),
      feature: Int32Array.from(feature),
      threshold: Float64Array.from(threshold),
      whenTrue: Int32Array.from(whenTrue),
      whenFalse: Int32Array.from(whenFalse),
      missing: Uint8Array.from(missing),
      weightStart: Int32Array.from(weightStart),
      weights: Float64Array.from(weights),
      weightTarget: Int32Array.from(weightTarget),
      cover: covers.length === modes.length && covers.length > 0 ? Float64Array.from(covers) : null,
      sets,
    }),
  };
}
