import { z } from 'zod';

/** What a process takes part in. The default is all of it. */
export const roleSchema = z.enum(['api', 'scheduler', 'worker', 'monitor', 'serving']);

export type Role = z.infer<typeof roleSchema>;

const allRoles: readonly Role[] = ['api', 'scheduler', 'worker', 'monitor', 'serving'];

const days = (most: number) => z.coerce.number().int().min(0).max(36_500).default(most);

/** Every setting of a server: its doc line is its description, its environment name is `PAWL_` and its name in capitals. */
export const configSchema = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Loopback address to listen on; any other is refused until there is access control.'),
  port: z.coerce.number().int().min(0).max(65535).default(5055).describe('Port to listen on; 0 picks a free one and prints it.'),
  grpcPort: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('Port on which models answer gRPC (Open Inference Protocol); 0 picks a free one and logs it. Absent: none.'),
  home: z.string().min(1).default('.pawl').describe('Folder of everything the server keeps: database, blobs, spool, caches.'),
  roles: z
    .string()
    .default(allRoles.join(','))
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(roleSchema).min(1))
    .describe('Comma-separated parts to run: api, scheduler, worker, monitor, serving.'),
  databaseUrl: z.string().optional().describe('postgres://… to keep metadata in PostgreSQL; absent: SQLite in the home.'),
  blobs: z.string().optional().describe('Folder of the content-addressed blobs; absent: "blobs" in the home.'),
  artifactRoot: z
    .string()
    .regex(
      /^(?:file:\/\/\/(?=[^/])|(?!file:)[a-z][a-z0-9+.-]+:\/)[^?#]*$/i,
      'it must be a URI such as s3://bucket/folder or file:///shared/folder, without query',
    )
    .regex(/^(?!.*\/(?:\.|%2e){2}(?:\/|$))/i, 'it must not have ".."')
    .default('mlflow-artifacts:/')
    .describe(
      'Root of the artifacts of new experiments. mlflow-artifacts:/ is this server; with another URI (s3://…, file:///… on a disk that all of them share) MLflow clients keep their files there themselves.',
    ),
  webhookReach: z
    .enum(['public', 'any'])
    .default('public')
    .describe(
      'Where webhooks of the registry may go: https to public addresses only, or any address, also inside this network and over http.',
    ),
  prices: z
    .string()
    .min(1)
    .optional()
    .describe('File with the prices of machines (YAML or JSON), by which runs and steps get a cost; absent: nothing has one.'),
  machine: z.string().min(1).max(100).optional().describe('Type of this machine in the price table, for the steps it runs.'),
  secretKeys: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().regex(/^[0-9a-f]{64}$/, 'a key is 64 hex digits; make one with "openssl rand -hex 32"')).min(1))
    .optional()
    .describe(
      'Comma-separated keys that stored secrets are sealed with, the newest first; give them by the environment. Absent: "secret.key" in the home. Servers that share a database need the same.',
    ),
  modelPython: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Python that opens models which only Python can open (sklearn, pyfunc); absent: an environment of each model's own requirements, made when it is first served.",
    ),
  modelMemoryMb: z.coerce
    .number()
    .int()
    .min(0)
    .default(4096)
    .describe(
      'Megabytes that served models may take of memory together; beyond, those not asked for longest leave it until they are asked again. 0: no limit.',
    ),
  slots: z.coerce.number().int().min(1).max(256).default(2).describe('Pipeline steps this worker runs at once.'),
  leaseMs: z.coerce
    .number()
    .int()
    .min(1000)
    .default(30_000)
    .describe('Time after which a worker that stopped reporting loses its step, milliseconds.'),
  pollMs: z.coerce
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(250)
    .describe('Longest pause between two looks of a background loop, milliseconds.'),
  keepPredictionDays: days(90).describe(
    'Days that predictions and their labels are kept, and longer while a reader, a rollout, a window or an open alert needs them; 0: for ever.',
  ),
  keepPredictionRows: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Most predictions kept, whatever their age, but for those that are needed; 0: no limit.'),
  keepEventDays: days(400).describe('Days that events (who did what) are kept, and longer until all have read them; 0: for ever.'),
  keepLogDays: days(180).describe('Days that console logs and logs of steps are kept after their end; 0: for ever.'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level of what is logged, as JSON lines on standard error.'),
});

export type Config = Readonly<z.infer<typeof configSchema>>;
