import { requireProbability } from './argument.ts';

/** The state of HDDM_A, plain JSON: the running mean, and the mean at the cut, where the stream was at its best. */
export interface HddmA {
  /** Error rate of a drift and of a warning. */
  readonly drift: number;
  readonly warning: number;
  readonly n: number;
  readonly mean: number;
  readonly cutN: number;
  readonly cutMean: number;
}

export interface HddmAStep {
  readonly state: HddmA;
  readonly drift: boolean;
  readonly warning: boolean;
}

export function createHddmA(options: { readonly drift?: number; readonly warning?: number } = {}): HddmA {
  const { drift = 0.001, warning = 0.005 } = options;
  if (!(drift > 0 && drift <= warning && warning < 1)) {
    throw new RangeError(`0 < drift ≤ warning < 1 must hold, got ${drift} and ${warning}.`);
  }
  return { drift, warning, n: 0, mean: 0, cutN: 0, cutMean: 0 };
}

function rise(state: HddmA, confidence: number): boolean {
  if (state.cutN === state.n) return false;
  const m = ((state.n - state.cutN) / state.cutN) * (1 / state.n);
  return state.mean - state.cutMean >= Math.sqrt((m / 2) * Math.log(2 / confidence));
}

/**
 * HDDM with the A-test (Frías-Blanco et al., TKDE 27, 2014), one-sided: it fires when the mean of values in [0, 1] has risen,
 * by Hoeffding's bound. After a drift the state is empty again.
 */
export function addToHddmA(state: HddmA, x: number): HddmAStep {
  requireProbability(x, 'x');
  const n = state.n + 1;
  const mean = state.mean + (x - state.mean) / n;
  const bound = (count: number): number => Math.sqrt((1 / (2 * count)) * Math.log(1 / state.drift));
  const moves = state.cutN === 0 || state.cutMean + bound(state.cutN) >= mean + bound(n);
  const next: HddmA = { ...state, n, mean, ...(moves ? { cutN: n, cutMean: mean } : {}) };
  if (rise(next, state.drift)) {
    return { state: createHddmA({ drift: state.drift, warning: state.warning }), drift: true, warning: false };
  }
  return { state: next, drift: false, warning: rise(next, state.warning) };
}
