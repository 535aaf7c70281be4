import type { Command } from 'commander';
import type { StageMove, StageRequest } from '@pawl/client';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatTime } from './format.ts';
import { takeVersion, toVersionNumber } from './model-ref.ts';
import { addPageOptions, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { toFields } from './table.ts';
import type { Style } from './text.ts';

interface MoveOptions {
  readonly reason?: string;
  readonly force?: boolean;
  readonly archiveOthers?: boolean;
}

interface ListOptions extends PageOptions {
  readonly model?: string;
  readonly state?: string;
}

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
const STATES = ['pending', 'granted', 'refused', 'withdrawn', 'expired'] as const;

/** Commands that move versions and aliases, and decide on requests for it. */
export function addStageCommands(model: Command, context: Context): void {
  for (const [name, summary] of [
    ['stage', 'Move a version to a stage, or ask for it where its rules want an approval'],
    ['request', 'Ask for a version to enter a stage; where nobody approves it moves at once'],
  ] as const)
    model
      .command(name)
      .description(summary)
      .usage('[options] <version> <stage>')
      .argument('<words...>', `the version ("mail:3", "mail@new", or "mail 3"), then one of ${STAGES.join(', ')}`)
      .option('--reason <text>', 'why; recorded')
      .option('--force', 'overrule the gate, for whoever may; needs --reason, and is recorded and shown')
      .option('--archive-others', 'archive the other versions there (Production does so by itself)')
      .action(async (words: readonly string[], { reason, force, archiveOthers }: MoveOptions) => {
        const { name: of, version, rest } = takeVersion(words, 1, `"model ${name} NAME:VERSION STAGE"`);
        const wanted = rest[0] ?? '';
        const stage = STAGES.find((one) => one.toLowerCase() === wanted.toLowerCase());
        if (stage === undefined) throw new UsageError(`"${wanted}" is not a stage: use ${STAGES.join(', ')}.`);
        const others = archiveOthers === true ? true : undefined;
        const client = await context.client();
        const answer = await client.model.stage({ model: of, version, stage, reason, force: force === true, archive_others: others });
        context.answer(answer, () => toMoveText(answer));
      });

  model
    .command('alias')
    .description('Point an alias at a version; one that means what is in Production follows the rules of that stage')
    .usage('[options] <name> <alias> <version>')
    .argument('<words...>', '"mail champion 3", or "mail:3 champion"')
    .option('--reason <text>', 'why; recorded')
    .option('--force', 'overrule the gate, for whoever may; needs --reason, and is recorded and shown')
    .action(async (words: readonly string[], { reason, force }: MoveOptions) => {
      const [first = '', alias = '', third] = words;
      const { name, version: which } = takeVersion(third === undefined ? [first] : [first, third], 0, '"model alias NAME ALIAS VERSION"');
      const client = await context.client();
      const version = await toVersionNumber(client, { name, version: which });
      const answer = await client.model.alias({ model: name, alias, version, reason, force: force === true });
      context.answer(answer, () => (answer.request?.state === 'pending' ? toMoveText(answer) : `${name}@${alias} is version ${version}`));
    });

  addPageOptions(
    model
      .command('requests')
      .description('List requests for moves, newest first, or show one')
      .argument('[request]')
      .option('--model <name>', 'only of this model')
      .option('--state <state>', `only these: ${STATES.join(', ')}`),
  ).action(async (id: string | undefined, { model: of, state: wanted, ...page }: ListOptions) => {
    if (id !== undefined) {
      const one = await (await context.client()).model.request({ request: id });
      return context.answer(one, () => toRequestText(one));
    }
    const state = STATES.find((one) => one === wanted);
    if (wanted !== undefined && state === undefined) throw new UsageError(`"${wanted}" is not a state: use ${STATES.join(', ')}.`);
    const answer = await (await context.client()).model.requests({ ...pageOf(page), model: of, state });
    context.table(
      answer,
      [
        { title: 'AT', value: (one) => formatTime(one.requested_at) },
        { title: 'VERSION', value: (one) => `${one.model}:${one.version}` },
        { title: 'TO', value: toTarget },
        { title: 'BY', value: (one) => one.requested_by },
        { title: 'STATE', value: (one) => `${one.state}${one.decided_by === null ? '' : ` by ${one.decided_by}`}`, style: stateStyle },
        { title: 'REASON', value: (one) => one.reason },
        { title: 'ID', value: (one) => one.id },
      ],
      'No request yet.',
    );
  });

  for (const [name, verb, summary] of [
    ['approve', 'grant', 'Grant a request; the move happens at once'],
    ['refuse', 'refuse', 'Refuse a request'],
    ['withdraw', 'withdraw', 'Take back a request of your own'],
  ] as const)
    model
      .command(name)
      .description(summary)
      .argument('<request>')
      .option('--reason <text>', 'why; recorded')
      .action(async (request: string, { reason }: MoveOptions) => {
        const answer = await (await context.client()).model[verb]({ request, note: reason });
        context.answer(answer, () => toMoveText(answer));
      });
}

function toMoveText({ version, request, rollouts }: StageMove): string {
  const lines: string[] = [];
  if (request !== null)
    lines.push(`Request ${request.id}: ${request.model}:${request.version} to ${toTarget(request)} is ${request.state}`);
  if (request?.state === 'pending')
    lines.push(`An approver decides by ${formatTime(request.expires_at)}: pawl model approve ${request.id}`);
  for (const rollout of rollouts)
    lines.push(`${version.model}:${version.version} is on its way to Production at endpoint ${rollout.endpoint}: rollout ${rollout.id}`);
  const moved = (request === null || request.state === 'granted') && rollouts.length === 0;
  if (moved) lines.push(`${version.model}:${version.version} is in ${version.stage}`);
  if (version.forced !== null && request?.state !== 'pending')
    lines.push(`Forced by ${version.forced.actor}: ${version.forced.reason} (the gate said ${version.forced.verdict})`);
  return lines.join('\n');
}

function toTarget({ stage, alias }: StageRequest): string {
  return alias === null ? stage : `alias ${alias}`;
}

function stateStyle({ state }: StageRequest): Style | undefined {
  return state === 'granted' ? 'good' : state === 'pending' ? 'warn' : state === 'refused' ? 'bad' : 'dim';
}

function toRequestText(one: StageRequest): string {
  return toFields([
    ['Request', one.id],
    ['Version', `${one.model}:${one.version}`],
    ['To', toTarget(one)],
    ['State', one.state],
    ['Asked', `${formatTime(one.requested_at)} by ${one.requested_by}`],
    ['Reason', one.reason],
    ['Forced', one.forced === null ? null : `by ${one.forced.actor}: ${one.forced.reason} (the gate said ${one.forced.verdict})`],
    ['Until', one.state === 'pending' ? formatTime(one.expires_at) : null],
    ['Decided', one.decided_at === null ? null : `${formatTime(one.decided_at)} by ${one.decided_by ?? 'nobody'}`],
    ['Because', one.note],
  ]);
}
