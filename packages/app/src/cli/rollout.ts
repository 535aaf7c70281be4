import type { Command } from 'commander';
import type { Client, RolloutGet } from '@pawl/client';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatShare, formatTime } from './format.ts';
import { toModelRef, toVersionNumber, VERSION_FORMS } from './model-ref.ts';
import { addPageOptions, pageOf } from './options.ts';

import type { PageOptions } from './options.ts';
import { toStatus } from './rollout-status.ts';
import { verdictStyle } from './verdict.ts';

export function addRolloutCommands(rollout: Command, context: Context): void {
  addPageOptions(rollout.command('endpoints').description('List endpoints and the version that answers at each')).action(
    async (options: PageOptions) => {
      const page = await (await context.client()).rollout.endpoints(pageOf(options));
      context.table(
        page,
        [
          { title: 'ENDPOINT', value: (one) => one.name },
          { title: 'MODEL', value: (one) => one.model },
          { title: 'VERSION', value: (one) => one.stable, align: 'right' },
          { title: 'ROLLOUT', value: (one) => one.rollout },
        ],
        'No endpoint yet; declare a rollout under rollouts/ and run "pawl apply".',
      );
    },
  );

  addPageOptions(
    rollout.command('list').description('List rollouts, newest first').option('--endpoint <name>', 'only of this endpoint'),
  ).action(async (options: PageOptions & { readonly endpoint?: string }) => {
    const page = await (await context.client()).rollout.list({ ...pageOf(options), endpoint: options.endpoint });
    context.table(
      page,
      [
        { title: 'ROLLOUT', value: (one) => one.id },
        { title: 'ENDPOINT', value: (one) => one.endpoint },
        { title: 'CANDIDATE', value: (one) => `${one.model}:${one.candidate}` },
        { title: 'STATE', value: (one) => one.state, style: (one) => verdictStyle(one.state) },
        { title: 'STEP', value: (one) => `${one.step}/${one.steps}` },
        { title: 'SHARE', value: (one) => formatShare(one.weight), align: 'right' },
        { title: 'STARTED', value: (one) => formatTime(one.started_at) },
        { title: 'REASON', value: (one) => one.reason },
      ],
      'No rollout yet.',
    );
  });

  rollout
    .command('status')
    .description('Show where rollouts stand, with the evidence of each guard')
    .argument('[endpoint]', 'only of this endpoint, its newest when none is under way')
    .action(async (endpoint: string | undefined) => {
      const client = await context.client();
      if (endpoint !== undefined) {
        const found = await statusOf(client, endpoint);
        return context.answer(found ?? null, () =>
          found === undefined ? `Endpoint ${endpoint} has had no rollout yet.` : toStatus(found, context.look, Date.now()),
        );
      }
      const { items: endpoints } = await client.rollout.endpoints();
      const found = await Promise.all(endpoints.map(({ name }) => statusOf(client, name)));
      const statuses = found.filter((one) => one !== undefined);
      context.answer({ items: statuses }, () =>
        statuses.length === 0 ? 'No rollout yet.' : statuses.map((one) => toStatus(one, context.look, Date.now())).join('\n\n'),
      );
    });

  rollout
    .command('start')
    .description('Start a candidate on its way; a rollout under way is superseded')
    .argument('<endpoint>')
    .argument('<version>', `number, alias or stage of the endpoint's model; also ${VERSION_FORMS}`)
    .action(async (endpoint: string, version: string) => {
      const client = await context.client();
      const answer = await client.rollout.start({ endpoint, candidate: await candidateOf(client, endpoint, version) });
      context.answer(
        answer,
        () => `Rollout ${answer.id}: ${answer.model}:${answer.candidate} at ${endpoint} is ${answer.state} (${answer.reason})`,
      );
    });

  for (const { name, decision, summary } of DECISIONS) {
    rollout
      .command(name)
      .description(summary)
      .argument('<endpoint>', 'endpoint, or the id of a rollout')
      .requiredOption('--reason <text>', 'why; recorded')
      .action(async (which: string, { reason }: { reason: string }) => {
        const client = await context.client();
        const id = /^[0-9a-f]{32}$/.test(which) ? which : await underWay(client, which);
        const answer = await client.rollout.decide({ rollout: id, decision, reason });
        context.answer(answer, () => `Rollout ${answer.id} is ${answer.state}: ${answer.reason}`);
      });
  }
}

const DECISIONS = [
  { name: 'promote', decision: 'promote', summary: 'End a rollout by letting its candidate answer everything' },
  { name: 'rollback', decision: 'roll_back', summary: 'End a rollout by taking its candidate away' },
] as const;

/** A version of the endpoint's own model, by number, alias or stage; with the model's name it must be that model. */
async function candidateOf(client: Client, endpoint: string, text: string): Promise<number> {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  const { model } = await client.rollout.endpoint({ endpoint });
  const { name, version } = toModelRef(text);
  if (version === undefined) return toVersionNumber(client, { name: model, version: text });
  if (name !== model) throw new UsageError(`Endpoint ${endpoint} answers with model "${model}", not with "${name}".`);
  return toVersionNumber(client, { name, version });
}

async function statusOf(client: Client, endpoint: string): Promise<RolloutGet | undefined> {
  const { rollout } = await client.rollout.endpoint({ endpoint });
  const id = rollout ?? (await client.rollout.list({ endpoint, limit: 1 })).items[0]?.id;
  return id === undefined ? undefined : client.rollout.get({ rollout: id });
}

async function underWay(client: Client, endpoint: string): Promise<string> {
  const { rollout } = await client.rollout.endpoint({ endpoint });
  if (rollout === null)
    throw new Error(`No rollout is under way at endpoint ${endpoint}; start one with "pawl rollout start ${endpoint} VERSION".`);
  return rollout;
}
