import type { Hash } from '../ports/digest.ts';

const BLOCK = 64;

function toBytes(digest: string): Uint8Array {
  const hex = digest.slice('sha256:'.length);
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** HMAC (RFC 2104) over the SHA-256 that `hash` is: 32 bytes. */
export function hmacSha256(hash: Hash, key: Uint8Array, message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(BLOCK);
  padded.set(key.length > BLOCK ? toBytes(hash(key)) : key);
  const inner = hash(
    join(
      padded.map((byte) => byte ^ 0x36),
      message,
    ),
  );
  return toBytes(
    hash(
      join(
        padded.map((byte) => byte ^ 0x5c),
        toBytes(inner),
      ),
    ),
  );
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3);
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += b === undefined ? '=' : ALPHABET.charAt((group >> 6) & 63);
    text += c === undefined ? '=' : ALPHABET.charAt(group & 63);
  }
  return text;
}

/**
 * Headers of one attempt, as MLflow's receivers check them: `v1,<base64 HMAC-SHA256(secret, "<delivery id>.<seconds>.<body>")>`. Delivery ids are
 * shown as UUIDs. `now` in epoch milliseconds.
 */
export function toWebhookHeaders(
  hash: Hash,
  message: { readonly delivery: string; readonly body: string; readonly secret: string | null; readonly now: number },
  encode: (text: string) => Uint8Array,
): Readonly<Record<string, string>> {
  const { delivery, body, secret, now } = message;
  const id = delivery.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const seconds = String(Math.floor(now / 1000));
  const headers = { 'X-MLflow-Delivery-Id': id, 'X-MLflow-Timestamp': seconds };
  if (secret === null) return headers;
  const signature = toBase64(hmacSha256(hash, encode(secret), encode(`${id}.${seconds}.${body}`)));
  return { ...headers, 'X-MLflow-Signature': `v1,${signature}` };
}
