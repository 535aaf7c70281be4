// What tests of triggers add to the rig of pipelines.
import type { TriggerSpec } from '@pawl/core';
import { createCalendar, createFolderWatch, createSecretBox } from '@pawl/drivers';
import type { StarterPorts, TriggerPollPorts, TriggerServicePorts } from '@pawl/engine';
import type { Rig } from './rig.ts';

const calendar = await createCalendar();

export function triggerPorts(rig: Rig): TriggerServicePorts & TriggerPollPorts & StarterPorts {
  return {
    ...rig.ports,
    pipelines: rig.pipelines,
    calendar,
    folderWatch: createFolderWatch(),
    secrets: createSecretBox(['0'.repeat(64)]),
  };
}

export function triggerSpec(change: Partial<TriggerSpec>): TriggerSpec {
  return {
    name: 'retrain',
    pipeline: 'p',
    on: { kind: 'manual' },
    filter: {},
    dedupe: { key: null, windowMs: 86_400_000 },
    group: null,
    merge: true,
    debounce: { quietMs: 0, maxWaitMs: 0 },
    cooldownMs: 0,
    maxActive: 1,
    policy: 'queue',
    budget: null,
    params: {},
    ...change,
  };
}
