import type pg from 'pg';

/** Between attempts to listen again, ms. */
const PAUSE = 1000;

/**
 * Listens on a channel with a connection of its own, made again whenever it is lost. The listener is also called, with nothing, after each
 * connect: what was said before nobody heard. Returns what ends it.
 */
export function listen(createClient: () => pg.Client, channel: string, listener: (message: string) => void): () => void {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function connect(): Promise<void> {
    const own = createClient();
    client = own;
    const lost = (): void => {
      if (client !== own) return;
      client = undefined;
      own.removeAllListeners('notification');
      own.end().catch(() => undefined);
      if (!stopped) timer = setTimeout(() => void connect(), PAUSE);
    };
    own.on('error', lost);
    own.on('end', lost);
    own.on('notification', ({ payload = '' }) => listener(payload));
    try {
      await own.connect();
      await own.query(`LISTEN ${channel}`);
      if (client === own) listener('');
    } catch {
      lost();
    }
  }

  void connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    const last = client;
    client = undefined;
    last?.removeAllListeners('notification');
    last?.end().catch(() => undefined);
  };
}
