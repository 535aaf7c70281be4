/** Reads the inbox back: mails joined with their confirmed labels, each line checked, each mistake named by file and line. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InboxEntry, InboxLabel, InboxMail } from './inbox.ts';
import { StepError } from './step.ts';

const MIN_EVAL = 200;
const MIN_TRAIN = 100;

/** A mail, and what is known of it: null until somebody confirmed what it was. */
export interface SeenMail {
  readonly mail: InboxMail;
  readonly label: InboxLabel | null;
}

/** Mails of an inbox folder by time of receipt. Throws a StepError that names file and line. */
export function readInbox(folder: string, since: number, until: number): SeenMail[] {
  const labels = new Map<string, InboxLabel>();
  for (const label of readLines(join(folder, 'labels'), toLabel)) {
    if (label.confirmed_at < until) labels.set(label.id, label);
  }
  const entries = new Map<string, SeenMail>();
  for (const mail of readLines(join(folder, 'mails'), toMail)) {
    if (mail.received_at >= since && mail.received_at < until) entries.set(mail.id, { mail, label: labels.get(mail.id) ?? null });
  }
  return [...entries.values()].sort((a, b) => a.mail.received_at - b.mail.received_at || (a.mail.id < b.mail.id ? -1 : 1));
}

/** Those of them that can teach or judge. */
export function confirmedOnly(seen: readonly SeenMail[]): InboxEntry[] {
  return seen.flatMap(({ mail, label }) => (label === null ? [] : [{ mail, label }]));
}

/** The newest share, by receipt, is for evaluation. */
export function splitByTime(entries: readonly InboxEntry[], share: number): { train: InboxEntry[]; evaluation: InboxEntry[] } {
  const held = Math.max(MIN_EVAL, Math.round(entries.length * share));
  if (entries.length - held < MIN_TRAIN) {
    throw new StepError(
      `only ${entries.length} confirmed mails; ${held} are held back to judge by and at least ${MIN_TRAIN} must be left to train on.`,
    );
  }
  return { train: entries.slice(0, -held), evaluation: entries.slice(-held) };
}

function* readLines<T>(folder: string, convert: (record: Record<string, unknown>) => T): Generator<T> {
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .sort();
  } catch (error) {
    throw new StepError(`cannot list ${folder}: ${reason(error)}`);
  }
  if (names.length === 0) throw new StepError(`${folder} holds no .jsonl file.`);
  for (const name of names) {
    const path = join(folder, name);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new StepError(`cannot read ${path}: ${reason(error)}`);
    }
    for (const [index, line] of text.split('\n').entries()) {
      if (line === '') continue;
      try {
        const record: unknown = JSON.parse(line);
        if (typeof record !== 'object' || record === null || Array.isArray(record)) throw new StepError('a JSON object is needed');
        yield convert(record as Record<string, unknown>);
      } catch (error) {
        throw new StepError(`${path}:${index + 1}: ${reason(error)}`);
      }
    }
  }
}

function toMail(record: Record<string, unknown>): InboxMail {
  return {
    id: text(record, 'id'),
    received_at: time(record, 'received_at'),
    sender_domain: text(record, 'sender_domain'),
    subject: text(record, 'subject'),
    body: text(record, 'body'),
  };
}

function toLabel(record: Record<string, unknown>): InboxLabel {
  const spam = record['spam'];
  if (typeof spam !== 'boolean') throw new StepError(`'spam' is ${kind(spam)}; true or false is needed`);
  return { id: text(record, 'id'), spam, confirmed_at: time(record, 'confirmed_at') };
}

function text(record: Record<string, unknown>, key: string): string {
  const value = record[key];
  if (typeof value !== 'string') throw new StepError(`'${key}' is ${kind(value)}; a string is needed`);
  return value;
}

function time(record: Record<string, unknown>, key: string): number {
  const value = record[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new StepError(`'${key}' is ${kind(value)}; an integer of epoch milliseconds is needed`);
  return value;
}

function kind(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
