/** Argument checks shared by the statistics: a number that makes no sense is refused, it never becomes a quiet NaN. */

export function requireFinite(value: number, name: string): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${typeof value}.`);
  if (!Number.isFinite(value)) throw new RangeError(`${name} must be a finite number, got ${value}.`);
}

export function requireCount(value: number, name: string): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${typeof value}.`);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name} must be a whole number of 0 or more, got ${value}.`);
  }
}

export function requirePositive(value: number, name: string): void {
  requireFinite(value, name);
  if (value <= 0) throw new RangeError(`${name} must be more than 0, got ${value}.`);
}

/** A probability that may not be 0 or 1: an error rate, a level, a routing weight. */
export function requireOpenUnit(value: number, name: string): void {
  requireFinite(value, name);
  if (value <= 0 || value >= 1) throw new RangeError(`${name} must lie strictly between 0 and 1, got ${value}.`);
}

export function requireProbability(value: number, name: string): void {
  requireFinite(value, name);
  if (value < 0 || value > 1) throw new RangeError(`${name} must lie between 0 and 1, got ${value}.`);
}
