import type { GraphPort, OnnxGraph, Value } from './graph.ts';
import type { Kernel, Probes } from './operators/operator.ts';
import { UnsupportedError } from './graph.ts';
import { toKernel } from './operators/table.ts';

/** A graph as a program: its operators in order, each with the slots that it reads and writes. */
export interface Program {
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  /** Outputs for inputs, both in the graph's order. Throws an Error for values that some operator cannot take. */
  run(inputs: readonly Value[]): readonly Value[];
  /** Compiles what is worth it for the kinds of values that it has met: called once, after a first run. */
  prepare(): Promise<void>;
  /** Values worth trying, by name of the input that they are tried on. */
  probes(): ReadonlyMap<string, Probes>;
}

interface Step {
  readonly op: string;
  readonly kernel: Kernel;
  /** Slots; −1 is an input that is not given. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The inputs of a run under way: one array for all runs, which never overlap. */
  readonly taken: (Value | undefined)[];
}

/** Nodes so that each comes after those it reads from. Throws `UnsupportedError` for a circle or a name that nobody writes. */
function inOrder(graph: OnnxGraph): OnnxGraph['nodes'] {
  const known = new Set(['', ...graph.constants.keys(), ...graph.inputs.map((input) => input.name)]);
  const ordered: OnnxGraph['nodes'][number][] = [];
  let waiting = graph.nodes;
  while (waiting.length > 0) {
    const later: typeof ordered = [];
    for (const node of waiting) {
      if (!node.inputs.every((name) => known.has(name))) {
        later.push(node);
        continue;
      }
      ordered.push(node);
      for (const name of node.outputs) known.add(name);
    }
    if (later.length === waiting.length) throw new UnsupportedError('the graph has a circle, or reads what nobody writes');
    waiting = later;
  }
  return ordered;
}

/** Names of graph inputs that reach a node's first input by ways that keep columns apart, with the column they start at. */
type Origins = readonly string[];

const COLUMNWISE = new Set(['Cast', 'Identity', 'Imputer', 'Reshape', 'Scaler', 'LabelEncoder', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Makes a graph runnable. Throws `UnsupportedError` when some operator is left to ONNX Runtime. */
export function compileGraph(graph: OnnxGraph): Program {
  const slots = new Map<string, number>();
  const slotOf = (name: string): number => {
    if (name === '') return -1;
    const slot = slots.get(name) ?? slots.size;
    slots.set(name, slot);
    return slot;
  };
  const inputSlots = graph.inputs.map((input) => slotOf(input.name));
  const constants = new Map<number, Value>();
  for (const [name, value] of graph.constants) constants.set(slotOf(name), value);

  const steps: Step[] = [];
  const origins = new Map<string, Origins>(graph.inputs.map((input) => [input.name, [input.name]]));
  const probes = new Map<string, Probes>();
  for (const node of inOrder(graph)) {
    const step: Step = {
      op: node.op,
      kernel: toKernel(node),
      inputs: node.inputs.map(slotOf),
      outputs: node.outputs.map(slotOf),
      taken: [],
    };
    traceOrigins(node, step.kernel);
    if (step.inputs.every((slot) => slot === -1 || constants.has(slot))) {
      // The same for every row: computed once.
      const values = step.kernel.run(step.inputs.map((slot) => constants.get(slot)));
      step.outputs.forEach((slot, at) => {
        const value = values[at];
        if (slot !== -1 && value !== undefined) constants.set(slot, value);
      });
    } else {
      steps.push(step);
    }
  }
  const outputSlots = graph.outputs.map((output) => {
    const slot = slots.get(output.name);
    if (slot === undefined) throw new UnsupportedError(`nobody writes output "${output.name}"`);
    return slot;
  });
  const fixed = Array.from({ length: slots.size }, (_, slot) => constants.get(slot));

  /** Where what a node looks at comes from, as far as it is still the input's own values. */
  function traceOrigins(node: OnnxGraph['nodes'][number], kernel: Kernel): void {
    const [first = ''] = node.inputs;
    const from = node.op === 'Concat' ? node.inputs.flatMap((name) => origins.get(name) ?? []) : (origins.get(first) ?? []);
    if (kernel.probes?.of === 'all') for (const name of from) probes.set(name, merge(probes.get(name), kernel.probes));
    if (kernel.probes?.of === 'columns') {
      const [only] = from;
      if (from.length === 1 && only !== undefined) probes.set(only, kernel.probes);
      else
        from.forEach((name, column) => {
          const values = kernel.probes?.of === 'columns' ? kernel.probes.values.get(column) : undefined;
          if (values !== undefined) probes.set(name, merge(probes.get(name), { of: 'all', values }));
        });
    }
    if (node.op === 'Concat' || COLUMNWISE.has(node.op)) for (const name of node.outputs) origins.set(name, from);
  }

  function execute(inputs: readonly Value[]): readonly (Value | undefined)[] {
    const values = fixed.slice();
    for (let at = 0; at < inputSlots.length; at++) values[inputSlots[at] as number] = inputs[at];
    for (const step of steps) {
      const { inputs: from, taken } = step;
      for (let at = 0; at < from.length; at++) taken[at] = from[at] === -1 ? undefined : values[from[at] as number];
      const given = step.kernel.run(taken);
      for (let at = 0; at < step.outputs.length; at++) {
        const slot = step.outputs[at] as number;
        if (slot !== -1) values[slot] = given[at];
      }
    }
    return values;
  }

  return {
    inputs: graph.inputs,
    outputs: graph.outputs,
    run: (inputs) => {
      const values = execute(inputs);
      return outputSlots.map((slot) => values[slot] as Value);
    },
    prepare: async () => {
      for (const { kernel } of steps) await kernel.prepare?.();
    },
    probes: () => probes,
  };
}

function merge(known: Probes | undefined, more: Extract<Probes, { of: 'all' }>): Probes {
  return known?.of === 'all' ? { of: 'all', values: [...known.values, ...more.values] } : (known ?? more);
}
