import type { Command } from 'commander';
import type { Client } from '@pawl/client';
import type { Context } from './context.ts';
import { formatBytes, formatNumber, formatTime, plural } from './format.ts';
import { takeVersion, toModelRef } from './model-ref.ts';
import { toTable } from './table.ts';
import type { Column } from './table.ts';
import type { Style } from './text.ts';
import { paint } from './text.ts';

type Comparison = Awaited<ReturnType<Client['model']['compare']>>;
type Version = Comparison['versions'][number];

/** A line of a section: a name, what each version has, and which of them is better. */
interface Line {
  readonly key: string;
  readonly values: readonly (string | null)[];
  readonly delta?: string | null;
  readonly best?: readonly number[];
  readonly styles?: readonly (Style | undefined)[];
}

export function addModelCompareCommand(model: Command, context: Context): void {
  model
    .command('compare')
    .description('Compare two versions: metrics, parameters, gate, data, signature, size, code')
    .usage('[options] <version> <other>')
    .argument('<words...>', 'what the other is measured against, and the other: "mail:1 mail:2", "mail@champion mail:2", or "mail 1 2"')
    .option('--all', 'show what is equal too')
    .action(async (words: readonly string[], { all }: { all?: true }) => {
      const { name, version, rest } = takeVersion(words, 1, '"model compare NAME:VERSION OTHER"');
      const other = toModelRef(rest[0] ?? '');
      const with_model = other.version === undefined ? name : other.name;
      const compared = { model: name, version, other: other.version ?? other.name, with_model };
      const answer = await (await context.client()).model.compare(compared);
      context.answer(answer, () => toText(answer, all === true, context.look));
    });
}

const GOALS = { min: ' ↓', max: ' ↑' } as const;

function toText(answer: Comparison, all: boolean, look: Context['look']): string {
  const { versions } = answer;
  const titles = versions.map(({ version }) => `${version.model}:${version.version}`);
  let hidden = 0;
  const section = (title: string, lines: readonly Line[]): string => {
    const hasDelta = lines.some(({ delta }) => delta !== undefined);
    const columns: readonly Column<Line>[] = [
      { title, value: ({ key }) => key },
      ...titles.map((of, at): Column<Line> => ({
        title: of,
        value: ({ values, best }) => (best?.includes(at) === true ? `* ${values[at]}` : values[at]),
        style: ({ best, styles }) => (best?.includes(at) === true ? 'good' : styles?.[at]),
      })),
      ...(hasDelta ? [{ title: 'DELTA', value: ({ delta }: Line) => delta, align: 'right' } as const] : []),
    ];
    return lines.length === 0 ? '' : toTable(lines, columns, look);
  };
  const differing = <Row extends { readonly differs: boolean }>(rows: readonly Row[], toOne: (row: Row) => Line): readonly Line[] => {
    const shown = rows.filter(({ differs }) => all || differs);
    hidden += rows.length - shown.length;
    return shown.map(toOne);
  };
  const data = answer.data.map((row) => ({ ...row, differs: row.used[0] !== row.used[1] }));
  const parts = [
    section('VERSION', toVersionLines(versions)),
    section(
      'METRIC',
      answer.metrics.map(({ key, goal, values, deltas, best }) => ({
        key: `${key}${goal === null ? '' : GOALS[goal]}`,
        values: values.map((value) => (value === null || value === undefined ? null : formatNumber(Number(value)))),
        delta: toDelta(deltas[1]),
        best,
      })),
    ),
    section('GATE', toGateLines(answer)),
    section(
      'PARAMETER',
      differing(answer.params, ({ key, values }) => ({ key, values })),
    ),
    section(
      'DATA',
      differing(data, ({ name, version, role, used }) => ({
        key: `${name}:${version.slice(0, 12)}${role === '' ? '' : ` (${role})`}`,
        values: used.map((is) => (is ? 'yes' : null)),
      })),
    ),
    section(
      'SIGNATURE',
      differing(answer.signature, ({ part, name, types }) => ({ key: `${part} ${name}`.trim(), values: types })),
    ),
    section(
      'CODE',
      differing(answer.code, ({ key, values }) => ({ key, values: values.map((value) => value?.slice(0, 19) ?? null) })),
    ),
    section(
      'TAG',
      differing(answer.tags, ({ key, values }) => ({ key, values })),
    ),
  ];
  const notes = toNotes(answer);
  if (hidden > 0) notes.push(`${hidden} more ${hidden === 1 ? 'is' : 'are'} equal; --all shows what.`);
  if (notes.length > 0) parts.push(notes.map((note) => paint(note, 'dim', look.color)).join('\n'));
  return parts.filter((part) => part !== '').join('\n\n');
}

function toVersionLines(versions: readonly Version[]): readonly Line[] {
  const line = (key: string, of: (one: Version) => string | null): Line => ({ key, values: versions.map(of) });
  const lines = [
    line('stage', ({ version }) => version.stage),
    line('aliases', ({ aliases }) => aliases.join(', ')),
    line('registered', ({ version }) => `${formatTime(version.created_at)} by ${version.created_by}`),
    line('run', ({ version, run }) => (run === null ? version.run : run.id)),
    line('commit', ({ run }) => run?.code?.commit.slice(0, 12) ?? null),
    line('package', ({ package: size }) => (size === null ? null : `${plural(size.files, 'file')}, ${formatBytes(size.bytes)}`)),
    line('judged on', ({ version, gate }) => gate?.evaluation ?? version.evaluation),
    {
      ...line('forced', ({ version: { forced } }) => (forced === null ? null : `by ${forced.actor}: ${forced.reason}`)),
      styles: ['warn', 'warn'] as const,
    },
  ];
  return lines.filter(({ key, values }) => key !== 'forced' || values.some((value) => value !== null));
}

const VERDICTS: Readonly<Record<string, Style>> = { PASS: 'good', FAIL: 'bad', INCONCLUSIVE: 'warn' };
const styleOf = (verdict: string | null | undefined): Style | undefined =>
  verdict === null || verdict === undefined ? undefined : VERDICTS[verdict];

function toGateLines({ versions, checks }: Comparison): readonly Line[] {
  if (versions.every(({ gate }) => gate === null)) return [];
  const against = ({ gate }: Version): string | null =>
    gate === null ? 'not judged' : `${gate.verdict} against ${gate.champion === null ? 'the majority' : `version ${gate.champion}`}`;
  return [
    { key: 'verdict', values: versions.map(against), styles: versions.map(({ gate }) => styleOf(gate?.verdict)) },
    ...checks.map(({ name, goal, verdicts, values, lower, upper, best }) => ({
      key: `${name}${goal === null ? '' : GOALS[goal]}`,
      values: verdicts.map((verdict, at) => {
        if (verdict === null) return null;
        const bounds = [lower[at], upper[at]].map((bound) => (typeof bound === 'number' ? formatNumber(bound) : '–'));
        const measured = typeof values[at] === 'number' ? ` ${formatNumber(values[at])}` : '';
        return bounds.every((bound) => bound === '–') ? verdict : `${verdict}${measured} [${bounds.join(', ')}]`;
      }),
      best,
      styles: verdicts.map(styleOf),
    })),
  ];
}

function toDelta(delta: number | string | null | undefined): string | null {
  if (delta === null || delta === undefined) return null;
  return `${Number(delta) > 0 ? '+' : ''}${formatNumber(Number(delta))}`;
}

/** Why a part is not there, or says less than it seems to. */
function toNotes({ versions, comparable }: Comparison): string[] {
  const notes: string[] = [];
  if (!comparable && versions.every(({ gate }) => gate !== null))
    notes.push('Their gates judged them on different data, so what they measured is not marked better or worse.');
  for (const { version, run, has_signature, package: size } of versions) {
    const name = `${version.model}:${version.version}`;
    if (run === null) notes.push(`${name} has no run here: it has no metrics, parameters and commit.`);
    if (size === null) notes.push(`${name} has no files here: its size and signature are not known.`);
    else if (!has_signature) notes.push(`${name} has no signature in its MLmodel.`);
  }
  return notes;
}
