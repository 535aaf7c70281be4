import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { cacheFolder } from '../config/environment.ts';
import { isLoopback } from '../http/guard.ts';
import type { ServedModel, ServeSettings } from '../serve/messages.ts';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { plural } from './format.ts';
import { toVersionRef } from './model-ref.ts';
import { toNatural, toWhole } from './options.ts';

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly grpcPort?: number;
  readonly workers: number;
  readonly modelPython?: string;
  readonly logLevel: ServeSettings['logLevel'];
}

const MOST_WORKERS = 256;
const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** `pawl serve`: the data plane alone, without database or server. */
export function addServeCommand(serve: Command, context: Context): void {
  serve
    .argument(
      '<model...>',
      'a folder with MLmodel, a file of ONNX, XGBoost or LightGBM, or models:/NAME/VERSION of the server; NAME=… calls it so',
    )
    .option('--host <address>', 'loopback address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 picks a free one and prints it', toPort, 8080)
    .option('--grpc-port <port>', 'also answer gRPC on this port; 0 picks a free one', toPort)
    .option('--workers <n>', 'processes that answer, behind one listener', toWorkers, availableParallelism())
    .option('--model-python <path>', "Python of models that only Python opens (default: an environment of each model's own requirements)")
    .option('--log-level <level>', `least level of what is logged: ${LEVELS.join(', ')}`, toLevel, 'warn')
    .addHelpText(
      'after',
      '\nIt takes the Open Inference Protocol (/v2, and gRPC), MLflow scoring (/invocations, where one model is served) and GET /metrics. A model of the registry is fetched\nonce and kept in PAWL_CACHE: from then on it is served when the server is down, too. Nothing is recorded.',
    )
    .action((words: readonly string[], options: ServeOptions) => run(context, words, options));
}

async function run(context: Context, words: readonly string[], options: ServeOptions): Promise<void> {
  const { host, port, grpcPort, workers, modelPython, logLevel } = options;
  if (!isLoopback(host)) throw new UsageError(`"${host}" is not a loopback address: without access control, only this machine is served.`);
  const models: ServedModel[] = [];
  for (const word of words) models.push(await toServed(context, word));
  const twice = models.find(({ name }, index) => models.findIndex((one) => one.name === name) !== index);
  if (twice !== undefined)
    throw new UsageError(`Two models are called "${twice.name}": call one of them otherwise, as NAME=${twice.path}.`);
  const { startServing } = await import('../serve/primary.ts');
  let stopped = false;
  let stop = (): void => process.exit(130);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopped) process.exit(130);
      stopped = true;
      stop();
    });
  }
  const settings = { models, host, port, grpcPort, modelPython, home: join(cacheFolder(), 'serve'), logLevel };
  const served = await startServing(settings, workers, { warn: (line) => process.stderr.write(`${line}\n`) });
  stop = served.stop;
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${served.port}`;
  const grpc = served.grpcPort === undefined ? '' : `, gRPC at ${host}:${served.grpcPort}`;
  context.answer(
    { address, grpc_port: served.grpcPort ?? null, workers, models: models.map(({ name, version, path }) => ({ name, version, path })) },
    () => `Pawl serves ${models.map(({ name }) => name).join(', ')} at ${address}${grpc} (${plural(workers, 'process', 'processes')})`,
  );
  await served.ended;
}

/** A model as it is written on the command line: a path, or a version of the registry, which is fetched. */
async function toServed(context: Context, word: string): Promise<ServedModel> {
  const [, given, source = ''] = /^(?:([A-Za-z0-9][A-Za-z0-9._-]*)=)?(.+)$/s.exec(word) ?? [];
  if (!/^models:\//i.test(source)) {
    if (!existsSync(source))
      throw new UsageError(`There is nothing at "${source}": name a folder with MLmodel, a file of a model, or models:/NAME/VERSION.`);
    const path = resolve(source);
    const plain = statSync(path).isDirectory() ? basename(path) : basename(path).replace(/\.[^.]+$/, '');
    return { name: given ?? plain, version: 1, path };
  }
  const { fetchServed } = await import('../serve/fetch.ts');
  const { name, version } = toVersionRef(source);
  return { ...(await fetchServed(context, name, version)), name: given ?? name };
}

function toPort(text: string): number {
  const port = toNatural(text);
  if (port > 65_535) throw new InvalidArgumentError('Use a port from 0 to 65535.');
  return port;
}

function toWorkers(text: string): number {
  const count = toWhole(text);
  if (count > MOST_WORKERS) throw new InvalidArgumentError(`Use at most ${MOST_WORKERS} processes.`);
  return count;
}

function toLevel(text: string): string {
  if (!LEVELS.includes(text)) throw new InvalidArgumentError(`Use one of ${LEVELS.join(', ')}.`);
  return text;
}
