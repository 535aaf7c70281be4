import { compose } from './compose.ts';
import type { Config } from './config/schema.ts';

const STOP_LIMIT_MS = 9500;

/** `pawl server`: runs until SIGTERM or SIGINT, then stops cleanly within 10 s; a second signal ends it at once. */
export async function runServer(config: Config): Promise<void> {
  const pawl = await compose(config);
  const address = await pawl.start();
  process.stdout.write(`Pawl is ready at ${address}\n`);
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1));
      setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
      pawl.stop().then(resolve, reject);
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
  });
}
