import { fault, parameterNames, readEvents, signatureProblem, templateProblem, toBase64, toCanonicalJson } from '@pawl/core';
import type {
  JsonObject,
  Page,
  PageRequest,
  ReceivedMessage,
  ReceiveTools,
  TriggerArrival,
  TriggerDecision,
  TriggerSpec,
  TriggerState,
  Writers,
} from '@pawl/core';
import { expectWon, retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { arrive } from './arrive.ts';
import type { TriggerServicePorts } from './ports.ts';

/** Causes of one run that are listed. */
const MOST_CAUSES = 10_000;
const SECRET_BYTES = 32;

export interface TriggerService {
  /** Throws `trigger_invalid`, `pipeline_not_found`, `parameter_unknown`. */
  define(tx: Writers, spec: TriggerSpec, actor: string): Promise<{ readonly changed: boolean }>;
  /** Throws `trigger_not_found`. */
  get(name: string): Promise<TriggerSpec>;
  list(): Promise<readonly TriggerSpec[]>;
  states(): Promise<readonly TriggerState[]>;
  /** Newest first. */
  decisions(trigger: string, page: PageRequest): Promise<Page<TriggerDecision>>;
  /** What became this run. */
  causes(run: string): Promise<readonly TriggerArrival[]>;
  /** An event by hand, which is decided on as any other. Gives its name. */
  fire(trigger: string, input: { readonly data: JsonObject; readonly note: string; readonly actor: string }): Promise<string>;
  /** Makes the secret of a webhook, new each time; the only time it is shown. Throws `trigger_not_webhook`. */
  renewSecret(trigger: string, actor: string): Promise<string>;
  /** Takes a signed message. Throws `trigger_not_webhook`, `trigger_without_secret`, `signature_refused`, `invalid_input`. */
  receive(trigger: string, message: ReceivedMessage): Promise<{ readonly accepted: number; readonly repeated: number }>;
}

export function createTriggerService(ports: TriggerServicePorts): TriggerService {
  const { database, clock, ids, secrets } = ports;
  const tools: ReceiveTools = {
    hash: ports.hash,
    encode: (text) => new TextEncoder().encode(text),
    decode: (bytes) => new TextDecoder().decode(bytes),
    fromBase64: (text) => Uint8Array.from(atob(text), (character) => character.codePointAt(0) ?? 0),
  };

  const get = async (name: string): Promise<TriggerSpec> => {
    const spec = await database.read.triggers.get(name);
    if (spec === undefined) throw fault('trigger_not_found', { name });
    return spec;
  };

  return {
    get,
    list: () => database.read.triggers.list(),
    states: () => database.read.triggers.states(),
    async define(tx, spec, actor) {
      await check(tx, ports, spec);
      const found = await tx.triggers.get(spec.name);
      if (found !== undefined && toCanonicalJson(found) === toCanonicalJson(spec)) return { changed: false };
      await tx.triggers.put(spec);
      const { name, pipeline, on } = spec;
      await tx.events.append([toEvent(ports, 'trigger.defined', `trigger/${name}`, actor, { trigger: name, pipeline, on: on.kind })]);
      return { changed: true };
    },
    async decisions(trigger, page) {
      await get(trigger);
      return database.read.triggers.decisions(trigger, page);
    },
    causes: (run) => database.read.arrivals.ofRun(run, MOST_CAUSES),
    async fire(trigger, { data, note, actor }) {
      const spec = await get(trigger);
      const id = ids.next();
      await database.transaction((tx) =>
        arrive(tx, ports, spec, {
          event: id,
          key: id,
          note: note === '' ? `Fired by ${actor}.` : `${note} (${actor})`,
          content: { id, type: 'manual', source: actor, subject: `trigger/${trigger}`, data },
        }),
      );
      return id;
    },
    async renewSecret(trigger, actor) {
      const spec = await get(trigger);
      if (spec.on.kind !== 'webhook') throw fault('trigger_not_webhook', { name: trigger, kind: spec.on.kind });
      const secret = `whsec_${toBase64(ports.random.bytes(SECRET_BYTES))}`;
      const sealed = secrets.seal(secret);
      await retryOnConflict(`Trigger "${trigger}"`, () =>
        database.transaction(async (tx) => {
          const state = await tx.triggers.state(trigger);
          const fresh = { trigger, source: toCanonicalJson(spec.on), nextFire: null, labelsSeq: 0, labelsCount: 0, revision: 0 };
          expectWon(await tx.triggers.putState({ ...(state ?? fresh), secret: sealed }, state?.revision));
          await tx.events.append([toEvent(ports, 'trigger.defined', `trigger/${trigger}`, actor, { trigger, secret: 'renewed' })]);
        }),
      );
      return secret;
    },
    async receive(trigger, message) {
      const spec = await get(trigger);
      const { on } = spec;
      if (on.kind !== 'webhook') throw fault('trigger_not_webhook', { name: trigger, kind: on.kind });
      const sealed = (await database.read.triggers.state(trigger))?.secret ?? null;
      if (sealed === null) throw fault('trigger_without_secret', { name: trigger });
      const problem = signatureProblem(on, message, secrets.open(sealed), clock.now(), tools);
      if (problem !== undefined) throw fault('signature_refused', { name: trigger, problem });
      const events = readEvents(on, message, tools);
      if (typeof events === 'string') throw fault('invalid_input', { where: `the message to trigger "${trigger}"`, problem: `${events}.` });
      const taken = await database.transaction(async (tx) => {
        let accepted = 0;
        for (const event of events) if (await arrive(tx, ports, spec, event)) accepted += 1;
        return accepted;
      });
      return { accepted: taken, repeated: events.length - taken };
    },
  };
}

/** Throws `trigger_invalid`, `pipeline_not_found`, `parameter_unknown`. */
async function check(tx: Writers, { calendar }: TriggerServicePorts, spec: TriggerSpec): Promise<void> {
  const refuse = (problem: string): Error => fault('trigger_invalid', { name: spec.name, problem });
  const pipeline = await tx.pipelines.get(spec.pipeline);
  if (pipeline === undefined) throw fault('pipeline_not_found', { name: spec.pipeline });
  const known = parameterNames(pipeline.spec);
  const parameter = Object.keys(spec.params).find((name) => !known.includes(name));
  if (parameter !== undefined) throw fault('parameter_unknown', { pipeline: spec.pipeline, parameter, known });
  const { on } = spec;
  if (on.kind === 'schedule') {
    const problem = calendar.problem(on.cron ?? '* * * * *', on.timezone);
    if (problem !== undefined) throw refuse(`${problem}.`);
    if (on.start !== null && on.end !== null && on.end <= on.start) throw refuse('its schedule ends before it starts.');
  }
  for (const template of [spec.dedupe.key, spec.group, ...Object.values(spec.params)]) {
    const problem = template === null ? undefined : templateProblem(template);
    if (problem !== undefined) throw refuse(`${problem}.`);
  }
  if (on.kind === 'pipeline') await checkCircle(tx, spec, on.pipeline, refuse);
}

/** Pipelines that start each other in a circle would never rest. */
async function checkCircle(tx: Writers, spec: TriggerSpec, upstream: string, refuse: (problem: string) => Error): Promise<void> {
  const others = (await tx.triggers.list()).filter(({ name }) => name !== spec.name);
  const path = [upstream];
  for (let open = [upstream]; open.length > 0;) {
    if (open.includes(spec.pipeline))
      throw refuse(`pipeline "${spec.pipeline}" would start itself again by way of ${path.map((name) => `"${name}"`).join(', ')}.`);
    const reached = new Set(open);
    open = others.flatMap(({ pipeline, on }) =>
      on.kind === 'pipeline' && reached.has(pipeline) && !path.includes(on.pipeline) ? [on.pipeline] : [],
    );
    path.push(...open);
  }
}
