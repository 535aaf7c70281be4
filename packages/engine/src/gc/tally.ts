import type { GcExample, GcLine, Garbage, Hold } from '@pawl/core';

const EXAMPLES = 20;

/** Counts what goes and what stays of one kind. */
export class Tally {
  readonly kind: string;
  #removed = 0;
  #bytes = 0;
  #held = 0;
  readonly #examples: { go: GcExample[]; stay: GcExample[] } = { go: [], stay: [] };

  constructor(kind: string) {
    this.kind = kind;
  }

  remove({ id, name }: Pick<Garbage, 'id' | 'name'>, bytes: number): void {
    this.#removed++;
    this.#bytes += bytes;
    if (this.#examples.go.length < EXAMPLES) this.#examples.go.push({ id, name, hold: null });
  }

  hold({ id, name }: Garbage, hold: Hold): void {
    this.#held++;
    if (this.#examples.stay.length < EXAMPLES) this.#examples.stay.push({ id, name, hold });
  }

  /** Many that stay for one reason, and have no name. */
  holdMany(hold: Hold, count = 1): void {
    this.#held += count;
    const { stay } = this.#examples;
    if (stay.length < EXAMPLES && !stay.some(({ hold: known }) => known?.kind === hold.kind && known.name === hold.name))
      stay.push({ id: hold.name, name: hold.name, hold });
  }

  /** Many at once, of which none has a name. */
  add(removed: number, bytes: number): void {
    this.#removed += removed;
    this.#bytes += bytes;
  }

  toLine(): GcLine {
    const { go, stay } = this.#examples;
    return { kind: this.kind, removed: this.#removed, bytes: this.#bytes, held: this.#held, examples: [...go, ...stay] };
  }
}
