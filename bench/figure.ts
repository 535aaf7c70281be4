export interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly peer?: string;
  readonly peer_value?: number;
  /** How many times better than the peer. */
  readonly ratio?: number;
  readonly goal?: string;
  readonly met?: boolean;
}

export type Benchmark = () => Promise<Readonly<Record<string, Figure>>>;
