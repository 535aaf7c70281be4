import { compose } from './compose.ts';
import type { Config } from './config/schema.ts';

const STOP_LIMIT_MS = 9500;

/** `pawl server`: runs until SIGTERM or SIGINT, then stops cleanly within 10 s; a second signal ends it at once. */
export async function runServer(config: Config): Promise<void> {
  // Before anything starts: a signal in the moment of getting ready stops it as cleanly as a later one.
  const asked = untilAsked();
  const pawl = await compose(config);
  const address = await pawl.start().catch(async (error: unknown) => {
    // Open connections would keep the process alive, and the message with it.
    await pawl.stop();
    throw error;
  });
  process.stdout.write(`Pawl is ready at ${address}\n`);
  await asked;
  await pawl.stop();
}

function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.removeListener('SIGTERM', stop).removeListener('SIGINT', stop);
      process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1));
      setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
      resolve();
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
  });
}
