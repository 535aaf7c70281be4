export type Digest = `sha256:${string}`;

/** SHA-256 of text (as UTF-8) or bytes. */
export type Hash = (data: string | Uint8Array) => Digest;
