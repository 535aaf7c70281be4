/** The chapters of the demo. Each asks the server where things stand, so that a killed demo goes on from there. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from '@pawl/client';
import { writeInbox } from '../src/inbox.ts';
import type { InboxEntry } from '../src/inbox.ts';
import type { Clock, Replay } from './replay.ts';
import type { Timeline } from './timeline.ts';

export interface StoryPorts {
  readonly client: Client;
  readonly server: string;
  readonly home: string;
  readonly clock: Clock;
  readonly entries: readonly InboxEntry[];
  readonly timeline: Timeline;
  readonly replay: Replay;
  /** Until every background loop of the server has nothing left to do. */
  readonly settle: () => Promise<void>;
}

export const MODEL = 'spam-filter';
export const ENDPOINT = 'spam';
const PIPELINE = 'train-spam-filter';
const POLL_MS = 50;

const run = promisify(execFile);

const pawl = join(dirname(fileURLToPath(import.meta.resolve('@pawl/app/package.json'))), 'bin', 'pawl.mjs');

/** What the mail system holds by now, as a new version of dataset `mail`: by the command a person would type. */
export async function collect({ server, home, entries, clock }: StoryPorts): Promise<void> {
  const inbox = join(home, 'inbox');
  writeInbox(inbox, entries, clock.now());
  await run(process.execPath, [pawl, 'data', 'add', 'mail', inbox, '--message', 'mail so far', '--server', server, '--json']);
}

/** Lets the server act on what it knows, waits for pipelines under way, and tells it all. */
export async function catchUp({ client, settle, timeline }: StoryPorts): Promise<void> {
  await settle();
  while ((await client.pipeline.runs({ state: 'running', limit: 1 })).items.length > 0) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await settle();
  await timeline.tell();
}

/** Runs the pipeline once under a key of its own: after a kill the same run goes on. */
export async function train(ports: StoryPorts, key: string, note: string, params: Readonly<Record<string, string>>): Promise<void> {
  await collect(ports);
  await ports.client.pipeline.start({ pipeline: PIPELINE, params, key, note });
  await catchUp(ports);
}

export async function stableVersion(client: Client): Promise<number | null> {
  const { items } = await client.rollout.endpoints({});
  return items.find((endpoint) => endpoint.name === ENDPOINT)?.stable ?? null;
}

/** Newest rollout of a version. */
export async function rolloutOf(client: Client, candidate: number) {
  const { items } = await client.rollout.list({ endpoint: ENDPOINT, limit: 100 });
  return items.find((rollout) => rollout.candidate === candidate);
}

/** The version that a run of the pipeline under this key registered. */
export async function versionOf(client: Client, key: string): Promise<number | undefined> {
  const { items } = await client.pipeline.runs({ limit: 100 });
  const run = items.find((one) => one.cause.key === key);
  const versions = await client.model.versions({ model: MODEL, limit: 100 }).catch(() => ({ items: [] }));
  return versions.items.find((version) => version.run === run?.id)?.version;
}
