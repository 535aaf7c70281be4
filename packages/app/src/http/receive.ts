import { once } from 'node:events';
import type { FastifyRequest } from 'fastify';

/** How long a client is listened to whose upload was refused: most send all of it before they read the answer. */
const PATIENCE_MS = 30_000;

/**
 * Gives the body of a request as it comes to `work`. When that fails, the rest is read and thrown away before the failure is told: a connection that is
 * closed under a client that still sends would take the answer with it.
 */
export async function receive<T>({ body, raw }: FastifyRequest, work: (content: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
  // Without a body there is no stream.
  if (body === undefined || body === null) return work((async function* () {})());
  try {
    return await work(raw.iterator({ destroyOnReturn: false }));
  } catch (error) {
    if (!raw.readableEnded && !raw.destroyed) {
      const patience = AbortSignal.timeout(PATIENCE_MS);
      raw.resume();
      await Promise.race([once(raw, 'end', { signal: patience }), once(raw, 'close', { signal: patience })]).catch(() => {});
    }
    throw error;
  }
}
