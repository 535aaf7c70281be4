/**
 * Step `extract`: the raw inbox (input MAIL, a folder) to features and labels (outputs TRAIN and EVAL, Parquet), and to
 * what was seen of every sender when (output HISTORY, Parquet: all mails, confirmed or not), from which the feature view is computed.
 * Only mails whose label is confirmed; the newest EVAL_SHARE (default 0.3, at least 200 rows) becomes the evaluation set, because
 * a filter is judged on mail that comes after what it learned from, never on mail in between.
 * Parameters SINCE and UNTIL (epoch ms) bound what may be used: received in [SINCE, UNTIL), confirmed before UNTIL.
 */
import { confirmedOnly, readInbox, splitByTime } from './read-inbox.ts';
import { computeFeatures, FEATURES } from './features.ts';
import type { InboxEntry } from './inbox.ts';
import { inputPath, numberParameter, outputPath, runStep } from './step.ts';
import { writeParquet, type Cell, type Column } from './table.ts';

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'VARCHAR' },
  { name: 'received_at', type: 'BIGINT' },
  { name: 'sender_domain', type: 'VARCHAR' },
  ...FEATURES.map((name): Column => ({ name, type: 'DOUBLE' })),
  { name: 'spam', type: 'BOOLEAN' },
  { name: 'confirmed_at', type: 'BIGINT' },
];

const HISTORY: readonly Column[] = [
  { name: 'id', type: 'VARCHAR' },
  { name: 'received_at', type: 'BIGINT' },
  { name: 'sender_domain', type: 'VARCHAR' },
  { name: 'spam', type: 'BOOLEAN', nullable: true },
  { name: 'confirmed_at', type: 'BIGINT', nullable: true },
];

await runStep(async () => {
  const since = numberParameter('SINCE', 0, [0, Number.MAX_SAFE_INTEGER]);
  const until = numberParameter('UNTIL', Number.MAX_SAFE_INTEGER, [0, Number.MAX_SAFE_INTEGER]);
  const seen = readInbox(inputPath('MAIL'), since, until);
  const { train, evaluation } = splitByTime(confirmedOnly(seen), numberParameter('EVAL_SHARE', 0.3, [0.05, 0.9]));
  await writeParquet(outputPath('TRAIN'), COLUMNS, train.map(toRow));
  await writeParquet(outputPath('EVAL'), COLUMNS, evaluation.map(toRow));
  const history = seen.map(({ mail, label }) => [
    mail.id,
    mail.received_at,
    mail.sender_domain,
    label?.spam ?? null,
    label?.confirmed_at ?? null,
  ]);
  await writeParquet(outputPath('HISTORY'), HISTORY, history);
  console.log(`${train.length} mails to train on, ${evaluation.length} newer ones to judge by, ${COLUMNS.length} columns`);
});

function toRow({ mail, label }: InboxEntry): Cell[] {
  return [mail.id, mail.received_at, mail.sender_domain, ...computeFeatures(mail), label.spam, label.confirmed_at];
}
