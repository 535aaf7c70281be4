import { toUuid7 } from '@pawl/core';
import type { Clock, Ids, Random } from '@pawl/core';

/**
 * UUIDv7 ids that grow strictly within a process. Within one millisecond, and while the clock stands behind an id already given, the random part counts up from where it was
 * (RFC 9562 §6.2, method 2), by a random step so that the next id cannot be guessed.
 */
export function createIds(clock: Clock, random: Random): Ids {
  let time = -1;
  let tail: Uint8Array = new Uint8Array(10);

  /** 74 bits as `toUuid7` lays them out: 4 in byte 0, 8 in byte 1, 6 in byte 2, then whole bytes. The first bit is 0, which leaves room to count 2^41 ids at least. */
  function start(now: number): void {
    time = now;
    tail = random.bytes(10);
    tail[0] = (tail[0] ?? 0) & 0x07;
    tail[2] = (tail[2] ?? 0) & 0x3f;
  }

  function step(): void {
    let carry = 1 + Math.floor(random.next() * 2 ** 32);
    for (let at = 9; at >= 0 && carry > 0; at -= 1) {
      const size = at === 2 ? 64 : 256;
      const sum = (tail[at] ?? 0) + carry;
      tail[at] = sum % size;
      carry = Math.floor(sum / size);
    }
  }

  function next(): string {
    const now = clock.now();
    if (now > time) start(now);
    else step();
    return toUuid7(time, tail);
  }

  return { next };
}
