import { requireCount, requireFinite, requireOpenUnit } from './argument.ts';

/** Sums of an always-valid comparison of two arms, plain JSON; states of several processes merge. */
export interface MeanSequence {
  readonly n: number;
  readonly candidates: number;
  /** Mean of the outcome over both arms: it centres the next outcome and only cuts variance. */
  readonly outcomeMean: number;
  /** Mean and sum of squared deviations (Welford) of the weighted differences. */
  readonly mean: number;
  readonly squares: number;
}

export interface MeanObservation {
  readonly y: number;
  /** Which arm answered. */
  readonly candidate: boolean;
  /** The probability with which the candidate was routed to at that moment, strictly between 0 and 1. */
  readonly weight: number;
}

/** `two`: both bounds hold together at 1 − alpha. `lower`, `upper`: that one bound holds at 1 − alpha, the other is infinite. */
export type Side = 'two' | 'lower' | 'upper';

export interface SequenceBounds {
  /** Candidate − stable. */
  readonly estimate: number;
  readonly se: number;
  readonly halfWidth: number;
  readonly lower: number;
  readonly upper: number;
  readonly n: number;
}

/** Asymptotic bounds are trusted only from here on, per arm. */
const LEAST_PER_ARM = 500;

/** The number of requests, fixed in advance, at which the bounds are tightest. */
const TIGHTEST_AT = 5000;

export function emptyMeanSequence(): MeanSequence {
  return { n: 0, candidates: 0, outcomeMean: 0, mean: 0, squares: 0 };
}

/**
 * Takes one request. d = (y − m)·(A/w − (1 − A)/(1 − w)), m the mean of the outcomes before it: the mean of d estimates
 * candidate − stable even while the weight and the world change, where pooled rates over a ramp do not.
 */
export function addToMeanSequence(state: MeanSequence, observation: MeanObservation): MeanSequence {
  const { y, candidate, weight } = observation;
  requireFinite(y, 'y');
  requireOpenUnit(weight, 'weight');
  const d = (y - state.outcomeMean) * (candidate ? 1 / weight : -1 / (1 - weight));
  const n = state.n + 1;
  const step = d - state.mean;
  const mean = state.mean + step / n;
  return {
    n,
    candidates: state.candidates + (candidate ? 1 : 0),
    outcomeMean: state.outcomeMean + (y - state.outcomeMean) / n,
    mean,
    squares: state.squares + step * (d - mean),
  };
}

/** The sums of two processes together (Chan's update); each centred its outcomes by its own past, which stays valid. */
export function mergeMeanSequences(a: MeanSequence, b: MeanSequence): MeanSequence {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const gap = b.mean - a.mean;
  return {
    n,
    candidates: a.candidates + b.candidates,
    outcomeMean: a.outcomeMean + ((b.outcomeMean - a.outcomeMean) * b.n) / n,
    mean: a.mean + (gap * b.n) / n,
    squares: a.squares + b.squares + (gap * gap * a.n * b.n) / n,
  };
}

/** Both arms have answered often enough for asymptotic bounds. */
export function isMeanSequenceReady(state: MeanSequence, least: number = LEAST_PER_ARM): boolean {
  return state.candidates >= least && state.n - state.candidates >= least;
}

/** ρ², which makes the half-width smallest at 5000 requests; `level` is alpha two-sided, 2·alpha one-sided. */
function rhoSquared(level: number): number {
  const a = -2 * Math.log(level);
  return (a + Math.log(a + 1)) / TIGHTEST_AT;
}

/**
 * Half-width in units of the standard error after n requests (Waudby-Smith et al., arXiv 2103.06476).
 * Holds at every look at once, so looking as often as one likes costs nothing. One-sided: alpha < ½.
 */
export function sequenceFactor(n: number, alpha: number, side: Side): number {
  requireCount(n, 'n');
  requireOpenUnit(alpha, 'alpha');
  if (n === 0) return Infinity;
  if (side !== 'two' && alpha >= 0.5) throw new RangeError(`A one-sided alpha must be below 0.5, got ${alpha}.`);
  const t = n * rhoSquared(side === 'two' ? alpha : 2 * alpha);
  const root = Math.sqrt(t + 1);
  const log = side === 'two' ? Math.log(root / alpha) : Math.log1p(root / (2 * alpha));
  return Math.sqrt(((2 * (t + 1)) / t) * log);
}

/** The bounds now, or null while no spread was seen and nothing can be decided (fewer than 2 requests, or all alike). */
export function meanSequenceBounds(state: MeanSequence, alpha: number, side: Side): SequenceBounds | null {
  const factor = sequenceFactor(state.n, alpha, side);
  if (state.n < 2 || state.squares <= 0) return null;
  const se = Math.sqrt(state.squares / (state.n - 1) / state.n);
  const halfWidth = se * factor;
  return {
    estimate: state.mean,
    se,
    halfWidth,
    lower: side === 'upper' ? -Infinity : state.mean - halfWidth,
    upper: side === 'lower' ? Infinity : state.mean + halfWidth,
    n: state.n,
  };
}
