import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

/**
 * An answer with one long list, written in parts: between them other requests have their turn. No part cuts a member of an object.
 * @param head all before the list's first item, and `tail` all after its last
 * @param write the items from one number up to another, each as JSON
 */
export function inParts(
  head: string,
  count: number,
  each: number,
  write: (from: number, to: number) => readonly string[],
  tail: string,
): Readable {
  async function* parts(): AsyncIterable<string> {
    for (let at = 0; at < count; at += each) {
      yield `${at === 0 ? head : ','}${write(at, Math.min(count, at + each)).join(',')}`;
      await setImmediate();
    }
    yield tail;
  }
  return Readable.from(parts());
}
