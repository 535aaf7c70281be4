import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { fault } from '@pawl/core';
import type { SecretBox } from '@pawl/core';

const ALGORITHM = 'aes-256-gcm';
/** NIST SP 800-38D: 96 bits for a random one. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PREFIX = 'sealed:1:';

/** AES-256-GCM under the first of the keys, 64 hex digits each; the others only open what they have sealed. A sealed text names its key by the beginning of its hash. */
export function createSecretBox(keys: readonly string[]): SecretBox {
  const known = new Map(keys.map((key) => [nameOf(key), Buffer.from(key, 'hex')]));
  const [current] = known;
  if (current === undefined) throw new RangeError('A secret box needs a key.');
  const [name, key] = current;

  return {
    isCurrent: (sealed) => sealed.startsWith(`${PREFIX}${name}:`),
    seal(text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${PREFIX}${name}:${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')}`;
    },
    open(sealed) {
      if (!sealed.startsWith(PREFIX)) return sealed;
      const [of = '', content = ''] = sealed.slice(PREFIX.length).split(':');
      const opener = known.get(of);
      if (opener === undefined)
        throw fault('secret_unreadable', { problem: `it was sealed under key ${of}, which this server does not have` });
      const bytes = Buffer.from(content, 'base64');
      try {
        const decipher = createDecipheriv(ALGORITHM, opener, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch (error) {
        throw fault('secret_unreadable', { problem: 'it was changed where it is stored' }, error);
      }
    },
  };
}

function nameOf(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'hex')).digest('hex').slice(0, 8);
}
