/** Keeps what must not be read where it is stored. */
export interface SecretBox {
  /** The text, encrypted and authenticated; the same text seals differently each time. */
  seal(text: string): string;
  /** Throws `secret_unreadable` when its key is not there, or it was changed. Text from before there were keys is given as it is. */
  open(sealed: string): string;
  /** Whether the key that seals now has sealed it. */
  isCurrent(sealed: string): boolean;
}
