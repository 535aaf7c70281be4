/**
 * `npm run demo [-- --exit] [--home FOLDER] [--port N]`: the whole loop on real mail, in one process, on a simulated clock. Killed at any point, the same command goes on.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compose, createSimulatedClock, loadConfig, loadProject } from '@pawl/app';
import { createClient } from '@pawl/client';
import type { ProjectApplyInput } from '@pawl/client';
import { startPager } from './demo/pager.ts';
import { percent, printChapter, printLine, printMore } from './demo/print.ts';
import { createReplay } from './demo/replay.ts';
import { openJournal } from './demo/state.ts';
import { catchUp, collect, ENDPOINT, MODEL, rolloutOf, stableVersion, train, versionOf } from './demo/story.ts';
import type { StoryPorts } from './demo/story.ts';
import { createTimeline } from './demo/timeline.ts';
import { loadCorpus } from './src/corpus.ts';
import { toInboxEntry } from './src/inbox.ts';

const DAY = 86_400_000;
const START = Date.UTC(2002, 6, 31);
/** The last mail but a handful. */
const END = Date.UTC(2002, 9, 11);
/** New mail is handed to the dataset this often. */
const COLLECT_DAYS = 5;
/** Days that the retrained model is watched before the deliberately bad one is tried. */
const WATCH_DAYS = 3;
/** Labels shuffled by most seeds make a coin toss of a model; this one is reliably bad, so the story does not hang on luck. */
const BAD = { key: 'demo: deliberately bad', params: { shuffle_labels: 'true', seed: '6' } } as const;
const FIRST_KEY = 'demo: first model';

const { values: options } = parseArgs({
  options: {
    exit: { type: 'boolean', default: false },
    home: { type: 'string', default: '.pawl/demo' },
    port: { type: 'string', default: '5055' },
  },
});
const home = resolve(options.home);
const began = performance.now();

const corpus = loadCorpus();
const entries = corpus.mails.map(toInboxEntry);
const start = entries.findIndex(({ mail }) => mail.received_at >= START);
const journal = openJournal(home);
mkdirSync(home, { recursive: true });
const last = entries[journal.answered.at(-1)?.index ?? -1];
const clock = createSimulatedClock(last === undefined ? START : last.mail.received_at);
const pawl = await compose(
  loadConfig({
    home: join(home, 'server'),
    port: options.port,
    logLevel: 'warn',
    pollMs: 100,
    slots: 2,
    keepPredictionDays: 0,
    keepEventDays: 0,
  }),
  {
    clock,
  },
).catch(giveUp);
const pager = await startPager();
const server = await pawl.start().catch(giveUp);
const client = createClient({ server, actor: 'user:demo' });
const resumed = existsSync(join(home, 'replay.log'));
const timeline = createTimeline(client);
if (resumed) await timeline.skip();
const replay = createReplay({ server, client, clock, journal, entries, start });
const ports: StoryPorts = { client, server, home, clock, entries, timeline, replay, settle: () => pawl.settle() };

printChapter(
  `${entries.length} real mails of 2002 (SpamAssassin corpus), replayed in order of receipt; ${corpus.withoutTime} without a delivery time are left out`,
);
printMore(`the server answers at ${server} meanwhile`);
if (resumed) printLine(clock.now(), 'demo', `goes on after mail ${replay.position() - start} of ${entries.length - start}`);

await applyProject();
if ((await stableVersion(client)) === null) {
  printChapter('The first model');
  await train(ports, FIRST_KEY, `the ${start} mails before ${day(START)}`, {});
}
const history = await client.dataset.version({ dataset: 'spam-history', version: 'latest' });
await client.feature.materialize({ view: 'sender_activity', dataset: history.ref });
printLine(clock.now(), 'feature', `sender_activity is online: materialized from ${history.ref}`);

printChapter('Live: every mail is a request to the endpoint');
for (let until = nextDay(); until <= END && !(await badIsDone()); until = nextDay()) {
  await replay.runUntil(until);
  if (((until - START) / DAY) % COLLECT_DAYS === 0) {
    await collect(ports);
    await catchUp(ports);
    tellWeek(until);
  }
  await catchUp(ports);
  await tryBadModel(until);
}

printChapter('How it ended');
await summarise();
journal.finish();
if (options.exit) {
  await pawl.stop();
  await pager.close();
} else {
  process.stdout.write(
    `\nThe server stays up at ${server}. Try:\n  npx pawl rollout status --server ${server}\n  npx pawl events --server ${server}\n  npx pawl model show ${MODEL} --server ${server}\nEnd it with Ctrl-C.\n`,
  );
  const end = (): void => void pawl.stop().then(() => process.exit(0));
  process.once('SIGINT', end).once('SIGTERM', end);
}

/** A port in use, a home that another demo holds: one line that says what to do. */
function giveUp(error: unknown): never {
  process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Declares the project; its monitor pages the demo's own pager. */
async function applyProject(): Promise<void> {
  const project = await loadProject(join(import.meta.dirname, 'pawl.yaml'));
  // The server checks what it is sent; what the files hold is of no type before.
  const parts = project.parts as ProjectApplyInput['project']['parts'];
  const monitors = parts.monitors?.map((monitor) => ({ ...monitor, webhook: pager.url }));
  const { changes } = await client.project.apply({
    project: { ...project, parts: { ...parts, monitors } },
    dry_run: false,
  });
  const changed = changes.filter((change) => change.change !== 'unchanged').map((change) => `${change.noun} ${change.name}`);
  if (changed.length > 0) printLine(clock.now(), 'apply', changed.join(', '));
}

function nextDay(): number {
  return (Math.floor(clock.now() / DAY) + 1) * DAY;
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** What the last days were like, from the labels known by now. */
function tellWeek(until: number): void {
  let [mails, known, wrong, lostGood] = [0, 0, 0, 0];
  for (let index = replay.position() - 1; index >= start; index--) {
    const entry = entries[index];
    if (entry === undefined || entry.mail.received_at < until - COLLECT_DAYS * DAY) break;
    const answer = replay.answer(index);
    mails += 1;
    if (answer === undefined || entry.label.confirmed_at >= until) continue;
    known += 1;
    if (answer.predicted !== entry.label.spam) wrong += 1;
    if (answer.predicted && !entry.label.spam) lostGood += 1;
  }
  if (mails > 0)
    printLine(
      until,
      'serving',
      `${mails} mails in ${COLLECT_DAYS} days; of ${known} confirmed ones ${wrong} were wrong (${known === 0 ? '–' : percent(wrong / known)}), ${lostGood} good ones lost`,
      'dim',
    );
}

/** Once a retrained model has proven itself: train one on shuffled labels, watch the gate refuse it, and force it. Every part may have happened before a kill. */
async function tryBadModel(now: number): Promise<void> {
  const known = await versionOf(client, BAD.key);
  if (known !== undefined && (await rolloutOf(client, known)) !== undefined) return;
  const stable = await stableVersion(client);
  const good = stable === null || stable < 2 ? undefined : await rolloutOf(client, stable);
  if (good?.ended_at === undefined || good.ended_at === null || now < Date.parse(good.ended_at) + WATCH_DAYS * DAY) return;
  printChapter('A deliberately bad model: the labels of its training data are shuffled');
  await train(ports, BAD.key, 'labels shuffled on purpose (fixed seed), to see it refused', BAD.params);
  const bad = await versionOf(client, BAD.key);
  if (bad === undefined) throw new Error('the bad model was not registered');
  await client.gate.force({ model: MODEL, candidate: bad, reason: 'demo: to see the canary stop what the gate refused' });
  await catchUp(ports);
}

async function badIsDone(): Promise<boolean> {
  const bad = await versionOf(client, BAD.key);
  const rollout = bad === undefined ? undefined : await rolloutOf(client, bad);
  return rollout !== undefined && rollout.state !== 'running';
}

async function summarise(): Promise<void> {
  const { items } = await client.model.versions({ model: MODEL, limit: 100 });
  for (const version of items.toReversed()) printMore(`version ${version.version}: ${version.stage}`, 'plain');
  const index = replay.position() - 1;
  const answer = replay.answer(index);
  if (answer !== undefined) {
    const lineage = await client.lineage.prediction({ prediction: answer.predictionId });
    printMore(
      `the last answer, ${answer.predictionId}, came from version ${lineage.model.version.version} (pawl lineage ${answer.predictionId})`,
      'plain',
    );
  }
  printMore(`the pager heard: ${pager.messages.join(', ') || 'nothing'}`, 'plain');
  printMore(
    `${replay.position() - start} mails answered at endpoint ${ENDPOINT}; ${((performance.now() - began) / 1000).toFixed(1)} s`,
    'plain',
  );
}
