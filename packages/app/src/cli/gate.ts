import type { Command } from 'commander';
import type { GateDecision } from '@pawl/client';
import type { Context } from './context.ts';
import { Failed, UsageError } from './exit.ts';
import { formatNumber, formatShare, formatTime } from './format.ts';
import { takeVersion, toModelRef, toVersionNumber, VERSION_FORMS } from './model-ref.ts';
import { addPageOptions, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { toFields, toTable } from './table.ts';
import { paint } from './text.ts';
import { verdictStyle } from './verdict.ts';

export function addGateCommands(gate: Command, context: Context): void {
  addPageOptions(gate.command('list').description('List gates')).action(async (options: PageOptions) => {
    const page = await (await context.client()).gate.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'GATE', value: (one) => one.name },
        { title: 'MODEL', value: (one) => one.model },
        { title: 'MARGIN', value: (one) => formatShare(one.margin), align: 'right' },
        { title: 'ALPHA', value: (one) => formatNumber(one.alpha), align: 'right' },
        { title: 'LEAST F1', value: (one) => one.floors.f1, align: 'right' },
        {
          title: 'MOST FALSE POSITIVES',
          value: (one) => (one.floors.max_false_positive_rate === null ? null : formatShare(one.floors.max_false_positive_rate)),
          align: 'right',
        },
      ],
      'No gate yet; declare one under gates/ and run "pawl apply".',
    );
  });

  addPageOptions(gate.command('log').description('List decisions, newest first').argument('[model]')).action(
    async (model: string | undefined, options: PageOptions) => {
      const page = await (await context.client()).gate.decisions({ ...pageOf(options), model });
      context.table(
        page,
        [
          { title: 'AT', value: (one) => formatTime(one.at) },
          { title: 'CANDIDATE', value: (one) => `${one.model}:${one.candidate}` },
          { title: 'AGAINST', value: (one) => (one.champion === null ? 'baseline' : `version ${one.champion}`) },
          {
            title: 'VERDICT',
            value: (one) => `${one.verdict}${one.forced === null ? '' : ' (forced)'}`,
            style: (one) => verdictStyle(one.verdict),
          },
          { title: 'DECISION', value: (one) => one.id },
        ],
        'No decision yet.',
      );
    },
  );

  gate
    .command('show')
    .description('Show a decision with the numbers of each check')
    .argument('<decision>', `its id, or for the newest of these NAME, ${VERSION_FORMS}`)
    .action(async (text: string) => {
      const client = await context.client();
      if (/^[0-9a-f]{32}$/.test(text)) return show(await client.gate.decision({ decision: text }));
      const { name, version: which } = toModelRef(text);
      const version = which === undefined ? undefined : await toVersionNumber(client, { name, version: which });
      const { items } = await import('@pawl/client');
      for await (const one of items((cursor) => client.gate.decisions({ ...cursor, model: name }))) {
        if (version === undefined || one.candidate === version) return show(one);
      }
      throw new Error(`No gate has judged ${text} yet; do it with "pawl gate decide ${name} VERSION".`);
    });

  gate
    .command('decide')
    .description('Judge a version; exit code 1 when its gate does not say PASS')
    .usage('[options] <version>')
    .argument('<words...>', `${VERSION_FORMS}, or NAME VERSION`)
    .action(async (words: readonly string[]) => {
      const client = await context.client();
      const { name: model, version } = takeVersion(words, 0, '"gate decide NAME:VERSION"');
      const candidate = await toVersionNumber(client, { name: model, version });
      const decision = await client.gate.decide({ model, candidate }, { signal: context.signal });
      show(decision);
      if (decision.verdict !== 'PASS') throw new Failed();
    });

  gate
    .command('force')
    .description('Let a version through although its gate did not say PASS; who and why is recorded')
    .usage('[options] <version>')
    .argument('<words...>', `${VERSION_FORMS}, or NAME VERSION`)
    .requiredOption('--reason <text>', 'why')
    .action(async (words: readonly string[], { reason }: { reason: string }) => {
      if (reason.trim() === '') throw new UsageError('--reason is empty: say why the gate is overruled.');
      const client = await context.client();
      const { name: model, version } = takeVersion(words, 0, '"gate force NAME:VERSION"');
      const candidate = await toVersionNumber(client, { name: model, version });
      show(await client.gate.force({ model, candidate, reason }));
    });

  const show = (decision: GateDecision): void => context.answer(decision, () => toDecisionText(decision, context));
}

function toDecisionText(decision: GateDecision, context: Context): string {
  const { color } = context.look;
  const against =
    decision.champion === null ? 'the majority baseline: nothing is in Production' : `version ${decision.champion}, in Production`;
  const fields = toFields([
    ['Candidate', `${decision.model}:${decision.candidate}`],
    ['Against', against],
    ['Judged on', decision.evaluation],
    ['At', formatTime(decision.at)],
    ['Decision', decision.id],
    ...(decision.forced === null
      ? []
      : [['Forced', `${formatTime(decision.forced.at)} by ${decision.forced.actor}: ${decision.forced.reason}`] as const]),
  ]);
  const table = toTable(
    decision.checks,
    [
      { title: 'VERDICT', value: (one) => one.verdict, style: (one) => verdictStyle(one.verdict) },
      { title: 'CHECK', value: (one) => one.name },
      { title: 'NUMBERS', value: (one) => one.summary },
    ],
    { width: undefined, color },
  );
  return `Gate ${decision.gate}: ${paint(decision.verdict, verdictStyle(decision.verdict), color)}\n${fields}\n\n${table}`;
}
