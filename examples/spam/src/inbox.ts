/**
 * The inbox as it lies on disk, the raw dataset `mail`: `mails/YYYY-MM-DD.jsonl` by day of receipt and `labels/YYYY-MM-DD.jsonl` by day of confirmation (UTC).
 * A label is confirmed later than its mail arrives, so the two cannot share a file that never changes again.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CorpusMail } from './corpus.ts';
import { parseMail, type Mail } from './mail.ts';

/** One line of `mails/`. Times are epoch milliseconds. */
export interface InboxMail extends Mail {
  readonly id: string;
  readonly received_at: number;
}

/** One line of `labels/`. */
export interface InboxLabel {
  readonly id: string;
  readonly spam: boolean;
  readonly confirmed_at: number;
}

export interface InboxEntry {
  readonly mail: InboxMail;
  readonly label: InboxLabel;
}

const HOUR = 3_600_000;

/** Hours until somebody confirms what a mail was: 1 to 72, drawn from the mail's id, so that every replay agrees. The corpus does not record it. */
export function confirmationDelay(id: string): number {
  return (1 + (createHash('sha256').update(id).digest().readUInt32BE(0) % 72)) * HOUR;
}

export function toInboxEntry({ id, receivedAt, spam, raw }: CorpusMail): InboxEntry {
  return {
    mail: { id, received_at: receivedAt, ...parseMail(raw) },
    label: { id, spam, confirmed_at: receivedAt + confirmationDelay(id) },
  };
}

export interface Written {
  readonly mails: number;
  readonly labels: number;
  readonly files: number;
}

/**
 * Writes what was known at `until` (epoch ms, exclusive): mails received and labels confirmed before it. Day files are replaced whole,
 * so writing again with a later `until` leaves every finished day's bytes as they were.
 */
export function writeInbox(folder: string, entries: readonly InboxEntry[], until: number): Written {
  const mails = entries.map(({ mail }) => mail).filter(({ received_at }) => received_at < until);
  const labels = entries.map(({ label }) => label).filter(({ confirmed_at }) => confirmed_at < until);
  const files =
    writeDays(join(folder, 'mails'), mails, ({ received_at }) => received_at) +
    writeDays(join(folder, 'labels'), labels, ({ confirmed_at }) => confirmed_at);
  return { mails: mails.length, labels: labels.length, files };
}

function writeDays<T extends { readonly id: string }>(folder: string, records: readonly T[], time: (record: T) => number): number {
  mkdirSync(folder, { recursive: true });
  const sorted = records.toSorted((a, b) => time(a) - time(b) || (a.id < b.id ? -1 : 1));
  const days = Map.groupBy(sorted, (record) => new Date(time(record)).toISOString().slice(0, 10));
  for (const [day, lines] of days) writeFileSync(join(folder, `${day}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return days.size;
}
