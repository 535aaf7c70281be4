/** Epoch milliseconds, UTC. Simulated time is this port's other driver, so nothing else may tell the time. */
export interface Clock {
  now(): number;
}

/** Randomness as a port: the same seed gives the same run. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  bytes(length: number): Uint8Array;
}

/** Time-ordered ids: UUIDv7 as 32 lower-case hex digits. */
export interface Ids {
  next(): string;
}
