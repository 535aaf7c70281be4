/** Text that strangers wrote (a program's output, a client's id) and that must not stop the row it is in: what a text column cannot hold becomes U+FFFD. */
export function toStorable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}
