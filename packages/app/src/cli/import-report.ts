import { formatBytes, formatCount, formatDuration, plural } from './format.ts';
import { toTable } from './table.ts';
import type { Look } from './context.ts';

export type Outcome = 'created' | 'updated' | 'unchanged' | 'skipped' | 'conflict' | 'failed';

export type Kind = 'experiments' | 'runs' | 'logged models' | 'models' | 'versions';

export interface Problem {
  readonly place: string;
  readonly problem: string;
}

export interface Tally extends Record<Outcome, number> {
  readonly what: Kind;
}

/** What an import found and did, for its end. */
export interface Report {
  /** Something is lost, or did not come as it is. */
  problem(place: string, problem: string): void;
  /** Something worth knowing; nothing is lost. */
  note(place: string, problem: string): void;
  count(kind: Kind, outcome: Outcome, count?: number): void;
  /** What was foreseen is counted, and noted, anew while it is done. */
  begin(): void;
  readonly tallies: readonly Tally[];
  readonly problems: readonly Problem[];
  readonly notes: readonly Problem[];
  /** Problems beyond those that are listed. */
  readonly more: number;
  readonly content: { points: number; files: number; bytes: number; sent: number; verified: number };
}

/** Problems kept by name; a store with more has one that they all come from. */
const MOST = 1000;
/** Problems shown to people; `--json` has them all. */
const SHOWN = 20;

const ZERO: Readonly<Record<Outcome, number>> = { created: 0, updated: 0, unchanged: 0, skipped: 0, conflict: 0, failed: 0 };

const KINDS: readonly Kind[] = ['experiments', 'runs', 'logged models', 'models', 'versions'];

export function createReport(): Report {
  const tallies = KINDS.map((what): Tally => ({ what, ...ZERO }));
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  let more = 0;
  const add = (list: Problem[], place: string, problem: string): void => {
    if (list.length < MOST) list.push({ place, problem });
    else more += 1;
  };
  return {
    problem: (place, problem) => add(problems, place, problem),
    note: (place, problem) => add(notes, place, problem),
    count(kind, outcome, count = 1) {
      const tally = tallies.find(({ what }) => what === kind);
      if (tally !== undefined) tally[outcome] += count;
    },
    begin() {
      for (const tally of tallies) Object.assign(tally, ZERO);
      notes.length = 0;
    },
    tallies,
    problems,
    notes,
    get more() {
      return more;
    },
    content: { points: 0, files: 0, bytes: 0, sent: 0, verified: 0 },
  };
}

/** Whether everything came. */
export function isWhole({ tallies, problems }: Report): boolean {
  return problems.length === 0 && tallies.every(({ conflict, failed }) => conflict + failed === 0);
}

export interface Summary {
  readonly source: string;
  readonly kind: string;
  readonly dryRun: boolean;
  readonly leftOut: readonly { readonly what: string; readonly count: number }[];
  readonly milliseconds: number;
}

export function toAnswer(report: Report, { dryRun, leftOut, milliseconds, ...of }: Summary): object {
  const { tallies, problems, notes, more, content } = report;
  return { ...of, dry_run: dryRun, items: tallies, content, problems, notes, more_problems: more, left_out: leftOut, milliseconds };
}

export function toText(report: Report, { source, kind, dryRun, leftOut, milliseconds }: Summary, look: Look): string {
  const { content } = report;
  const rows = report.tallies.filter((tally) => Object.values(tally).some((value) => typeof value === 'number' && value > 0));
  const column = (title: string, outcome: Outcome) => ({
    title,
    value: (tally: Tally) => (tally[outcome] === 0 ? '' : formatCount(tally[outcome])),
    align: 'right' as const,
  });
  const table = toTable(
    rows,
    [
      { title: dryRun ? 'WOULD COME' : 'CAME', value: ({ what }) => what },
      column('NEW', 'created'),
      column('CHANGED', 'updated'),
      column('SAME', 'unchanged'),
      column('LEFT', 'skipped'),
      column('IN CONFLICT', 'conflict'),
      column('FAILED', 'failed'),
    ],
    look,
  );
  const came = `${plural(content.points, 'point')}, ${plural(content.files, 'file')} of ${formatBytes(content.bytes)} (${formatBytes(content.sent)} sent)`;
  const verified = content.verified === 0 ? '' : `; ${plural(content.verified, 'record')} read back and equal`;
  return [
    `${kind} ${source}`,
    rows.length === 0 ? 'Nothing is in it.' : table,
    ...(dryRun ? [] : [`${came}${verified}, in ${formatDuration(milliseconds)}`]),
    ...(leftOut.length === 0 ? [] : [`Not imported: ${leftOut.map(({ what, count }) => `${formatCount(count)} ${what}`).join(', ')}`]),
    ...toLines('note', report.notes, 0),
    ...toLines('problem', report.problems, report.more),
  ].join('\n');
}

function toLines(what: string, list: readonly Problem[], more: number): readonly string[] {
  if (list.length === 0) return [];
  const hidden = Math.max(0, list.length - SHOWN) + more;
  return [
    '',
    `${plural(list.length + more, what)}:`,
    ...list.slice(0, SHOWN).map(({ place, problem }) => `  ${place}: ${problem}`),
    ...(hidden === 0 ? [] : [`  and ${formatCount(hidden)} more; --json lists them`]),
  ];
}
