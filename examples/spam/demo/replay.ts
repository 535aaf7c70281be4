/** Sends mails to the endpoint in order of receipt, on a simulated clock, and tells the server what becomes known when. */
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@pawl/client';
import type { InboxEntry } from '../src/inbox.ts';
import { toInferRequest } from '../src/requests.ts';
import type { Answered, Journal } from './state.ts';

export interface Clock {
  now(): number;
  advanceTo(epochMs: number): void;
}

export interface Replay {
  /** Position of the next mail. */
  position(): number;
  /** Answers so far, by position. */
  answer(index: number): Answered | undefined;
  /** Replays mails received before `until`, and the confirmations due by then. */
  runUntil(until: number): Promise<void>;
}

export interface ReplayPorts {
  readonly server: string;
  readonly client: Client;
  readonly clock: Clock;
  readonly journal: Journal;
  /** All mails of the story by time of receipt, and from which on they are sent. */
  readonly entries: readonly InboxEntry[];
  readonly start: number;
}

type Row = Record<string, string | number | boolean | null>;

const ENDPOINT = 'spam';
/** How long an endpoint may be away: a server that starts again loads its models after it listens. */
const PATIENCE_MS = 60_000;
const VIEW = 'sender_activity';

export function createReplay(ports: ReplayPorts): Replay {
  const { server, client, clock, journal, entries, start } = ports;
  const agent = new Agent({ keepAlive: true });
  const answers = new Map(journal.answered.map((one) => [one.index, one]));
  let next = (journal.answered.at(-1)?.index ?? start - 1) + 1;
  // All of them again after a restart: a label or row told twice counts once.
  const confirmations = entries
    .map((entry, index) => ({ entry, index }))
    .toSorted((a, b) => a.entry.label.confirmed_at - b.entry.label.confirmed_at);
  let confirmed = 0;
  let rows: Row[] = entries.slice(start, next).map(({ mail }) => toMailRow(mail));

  const flush = async (): Promise<void> => {
    for (; rows.length > 0; rows = rows.slice(1000)) await client.feature.push({ view: VIEW, rows: rows.slice(0, 1000) });
  };

  /** Labels and confirmed spam that were known before `until`. */
  const confirm = async (until: number): Promise<void> => {
    const labels: { prediction_id: string; value: boolean; time: number }[] = [];
    for (; confirmed < confirmations.length; confirmed++) {
      const due = confirmations[confirmed];
      if (due === undefined || due.entry.label.confirmed_at >= until) break;
      const { label, mail } = due.entry;
      if (label.spam)
        rows.push({ id: label.id, sender_domain: mail.sender_domain, received_at: null, spam: true, confirmed_at: label.confirmed_at });
      const answer = answers.get(due.index);
      if (answer !== undefined) labels.push({ prediction_id: answer.predictionId, value: label.spam, time: label.confirmed_at });
    }
    for (let from = 0; from < labels.length; from += 1000) {
      await client.label.add({
        endpoint: ENDPOINT,
        labels: labels.slice(from, from + 1000).map((one) => ({ ...one, time: new Date(one.time).toISOString() })),
      });
    }
  };

  /** Asks until the endpoint answers: 503 with Retry-After means that nothing was scored. */
  const ask = async (entry: InboxEntry): Promise<{ predictionId: string; predicted: boolean }> => {
    const { mail } = entry;
    // What was known when the mail came, also when the replay runs behind its clock.
    const body = JSON.stringify({ ...toInferRequest(mail), parameters: { event_time: mail.received_at } });
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      // A mail that is scored twice gets its answer from the same version.
      const response = await post(agent, `${server}/v2/models/${ENDPOINT}/infer`, { 'x-pawl-key': mail.id }, body);
      const text = await textOf(response);
      const wait = Number(response.headers['retry-after']) * 1000;
      if (response.statusCode === 503 && performance.now() + wait < deadline) {
        await sleep(wait);
        continue;
      }
      if (response.statusCode !== 200) throw new Error(`the endpoint answered ${response.statusCode}: ${text}`);
      const answer = JSON.parse(text) as { outputs: { name: string; data: number[] }[] };
      const label = answer.outputs.find((output) => output.name === 'label')?.data[0];
      return { predictionId: String(response.headers['x-pawl-prediction-id']), predicted: label === 1 };
    }
  };

  return {
    position: () => next,
    answer: (index) => answers.get(index),
    async runUntil(until) {
      for (let entry = entries[next]; entry !== undefined && entry.mail.received_at < until; entry = entries[next]) {
        const { mail } = entry;
        if (mail.received_at > clock.now()) clock.advanceTo(mail.received_at);
        await confirm(mail.received_at);
        await flush();
        const answered = { index: next, ...(await ask(entry)) };
        journal.add(answered);
        answers.set(next, answered);
        rows.push(toMailRow(mail));
        next += 1;
      }
      if (until > clock.now()) clock.advanceTo(until);
      await confirm(until);
      await flush();
    },
  };
}

function toMailRow(mail: InboxEntry['mail']): Row {
  return { id: mail.id, sender_domain: mail.sender_domain, received_at: mail.received_at, spam: null, confirmed_at: null };
}

function post(agent: Agent, url: string, headers: Readonly<Record<string, string>>, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    call.on('response', resolve).on('error', reject).end(body);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
