/** UUIDv7 (RFC 9562 §5.7) as 32 lower-case hex digits: 48 bits of epoch ms, then the 74 random bits of `bytes` (10 bytes) with version and variant set. */
export function toUuid7(epochMs: number, bytes: Uint8Array): string {
  if (bytes.length < 10) throw new RangeError(`a UUIDv7 needs 10 random bytes, got ${bytes.length}`);
  if (!Number.isSafeInteger(epochMs) || epochMs < 0 || epochMs >= 2 ** 48)
    throw new RangeError(`a UUIDv7 needs whole epoch milliseconds below 2^48, got ${epochMs}`);
  const tail = Uint8Array.from(bytes.subarray(0, 10));
  tail[0] = 0x70 | ((tail[0] ?? 0) & 0x0f);
  tail[2] = 0x80 | ((tail[2] ?? 0) & 0x3f);
  const hex = Array.from(tail, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return epochMs.toString(16).padStart(12, '0') + hex;
}
