import type { Command } from 'commander';
import type { Context } from './context.ts';

/** Adds a noun's own commands below it. */
export type AddCommands = (command: Command, context: Context) => void;

/** A command, its line in the help, and where its own commands are found once somebody asks for them. */
export interface Noun {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<AddCommands>;
}

async function loadData(): Promise<AddCommands> {
  const [{ addDatasetCommands }, { addDvcCommands }] = await Promise.all([import('./dataset.ts'), import('./dvc.ts')]);
  return (command, context) => {
    addDatasetCommands(command, context);
    addDvcCommands(command, context);
  };
}

/** In the order of the loop. Each is imported only when it is used: a command must start fast, as steps call it. */
export const nouns: readonly Noun[] = [
  { name: 'server', summary: 'Run a server', load: async () => (await import('./server.ts')).addServerCommand },
  { name: 'serve', summary: 'Serve models alone, without a server', load: async () => (await import('./serve.ts')).addServeCommand },
  { name: 'apply', summary: "Make the server match a project's files", load: async () => (await import('./apply.ts')).addApplyCommand },
  { name: 'data', summary: 'Datasets: immutable versions of files', load: loadData },
  { name: 'check', summary: 'Check suites, and judging data by them', load: async () => (await import('./check.ts')).addCheckCommands },
  {
    name: 'feature',
    summary: 'Feature views: online values and joins',
    load: async () => (await import('./feature.ts')).addFeatureCommands,
  },
  {
    name: 'experiment',
    summary: 'Experiments and their folders',
    load: async () => (await import('./experiment.ts')).addExperimentCommands,
  },
  { name: 'run', summary: 'Runs of experiments', load: async () => (await import('./run.ts')).addRunCommands },
  { name: 'trace', summary: 'Traces: what programs did, span by span', load: async () => (await import('./trace.ts')).addTraceCommands },
  { name: 'model', summary: 'The model registry', load: async () => (await import('./model.ts')).addModelCommands },
  { name: 'pipeline', summary: 'Pipelines, their runs and logs', load: async () => (await import('./pipeline.ts')).addPipelineCommands },
  { name: 'import', summary: 'Copy what other stores hold', load: async () => (await import('./import.ts')).addImportCommands },
  { name: 'gate', summary: 'Gates: what a candidate must prove', load: async () => (await import('./gate.ts')).addGateCommands },
  {
    name: 'rollout',
    summary: 'Endpoints and rollouts, with evidence',
    load: async () => (await import('./rollout.ts')).addRolloutCommands,
  },
  { name: 'monitor', summary: 'Monitors and their windows', load: async () => (await import('./monitor.ts')).addMonitorCommands },
  { name: 'alert', summary: 'Alerts of monitors', load: async () => (await import('./alert.ts')).addAlertCommands },
  { name: 'label', summary: 'Say the truth of a prediction', load: async () => (await import('./label.ts')).addLabelCommand },
  { name: 'events', summary: 'What happened, in order', load: async () => (await import('./event.ts')).addEventsCommand },
  { name: 'gc', summary: 'Remove for good what was deleted', load: async () => (await import('./gc.ts')).addGcCommands },
  { name: 'lineage', summary: 'Everything behind one prediction', load: async () => (await import('./lineage.ts')).addLineageCommand },
];
