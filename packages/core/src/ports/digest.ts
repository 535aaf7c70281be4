export type Digest = `sha256:${string}`;

/** SHA-256 of text (as UTF-8) or bytes. */
export type Hash = (data: string | Uint8Array) => Digest;

/** A checksum in the making: bytes go in piece by piece, in order. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** In lower-case hex. Ends it: no update may follow. */
  end(): string;
}

/** MD5, which DVC names content by; nothing of ours relies on it. */
export type Md5 = () => Checksum;
