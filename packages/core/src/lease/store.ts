export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly until: number;
  /** Only grows; a holder that lost the lease carries an older one. */
  readonly token: number;
}

export interface LeaseReader {
  get(name: string): Promise<Lease | undefined>;
}

export interface LeaseStore extends LeaseReader {
  /** Takes a free or expired lease (token + 1), or renews the holder's own (same token); undefined when another holds it. */
  acquire(name: string, holder: string, now: number, until: number): Promise<Lease | undefined>;
  release(name: string, holder: string): Promise<void>;
}
