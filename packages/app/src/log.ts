import { pino } from 'pino';
import type { Log } from '@pawl/core';
import type { Config } from './config/schema.ts';

/** JSON lines on standard error. Credentials in fields never reach it. */
export function createLog(config: Pick<Config, 'logLevel'>): Log {
  return pino(
    {
      level: config.logLevel,
      base: null,
      redact: {
        paths: ['authorization', '*.authorization', 'password', '*.password', 'token', '*.token', 'databaseUrl', '*.databaseUrl'],
        censor: '[hidden]',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
