/** Whose move it is: the caller's, the surroundings' (disk, network, another process), or ours. */
export type FaultKind = 'user' | 'operational' | 'bug';

export interface FaultDefinition<Details> {
  readonly kind: FaultKind;
  /** Says what was wrong, where, and what to do; one line, no internal path. */
  readonly message: (details: Details) => string;
}

/** Declares that a fault is the caller's to mend. */
export function user<Details>(message: (details: Details) => string): FaultDefinition<Details> {
  return { kind: 'user', message };
}

/** Declares that a fault comes from the surroundings: a retry may succeed. */
export function operational<Details>(message: (details: Details) => string): FaultDefinition<Details> {
  return { kind: 'operational', message };
}

/** Declares that a fault is a defect of Pawl. */
export function bug<Details>(message: (details: Details) => string): FaultDefinition<Details> {
  return { kind: 'bug', message };
}

/** One definition for each code of a noun; `Details` maps a code to what its message needs. */
export type FaultDefinitions<Details> = { readonly [Code in keyof Details]: FaultDefinition<Details[Code]> };
