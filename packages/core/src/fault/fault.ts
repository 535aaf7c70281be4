import { artifactFaults } from '../artifact/faults.ts';
import type { ArtifactFaults } from '../artifact/faults.ts';
import { backfillFaults } from '../backfill/faults.ts';
import type { BackfillFaults } from '../backfill/faults.ts';
import { checkFaults } from '../check/faults.ts';
import type { CheckFaults } from '../check/faults.ts';
import { datasetFaults } from '../dataset/faults.ts';
import type { DatasetFaults } from '../dataset/faults.ts';
import { dvcFaults } from '../dvc/faults.ts';
import type { DvcFaults } from '../dvc/faults.ts';
import { experimentFaults } from '../experiment/faults.ts';
import type { ExperimentFaults } from '../experiment/faults.ts';
import { platformFaults } from './platform.ts';
import type { PlatformFaults } from './platform.ts';
import { featureFaults } from '../feature/faults.ts';
import type { FeatureFaults } from '../feature/faults.ts';
import { gateFaults } from '../gate/faults.ts';
import type { GateFaults } from '../gate/faults.ts';
import { gcFaults } from '../gc/faults.ts';
import type { GcFaults } from '../gc/faults.ts';
import { importFaults } from '../import/faults.ts';
import type { ImportFaults } from '../import/faults.ts';
import { loggedModelFaults } from '../logged-model/faults.ts';
import type { LoggedModelFaults } from '../logged-model/faults.ts';
import { modelFaults } from '../model/faults.ts';
import type { ModelFaults } from '../model/faults.ts';
import { monitorFaults } from '../monitor/faults.ts';
import type { MonitorFaults } from '../monitor/faults.ts';
import { pipelineFaults } from '../pipeline/faults.ts';
import type { PipelineFaults } from '../pipeline/faults.ts';
import { recordingFaults } from '../recording/faults.ts';
import type { RecordingFaults } from '../recording/faults.ts';
import { rolloutFaults } from '../rollout/faults.ts';
import type { RolloutFaults } from '../rollout/faults.ts';
import { searchFaults } from '../search/faults.ts';
import type { SearchFaults } from '../search/faults.ts';
import { servingFaults } from '../serving/faults.ts';
import type { ServingFaults } from '../serving/faults.ts';
import { traceFaults } from '../trace/faults.ts';
import type { TraceFaults } from '../trace/faults.ts';
import { triggerFaults } from '../trigger/faults.ts';
import type { TriggerFaults } from '../trigger/faults.ts';
import { webhookFaults } from '../webhook/faults.ts';
import type { WebhookFaults } from '../webhook/faults.ts';
import type { FaultDefinition, FaultDefinitions, FaultKind } from './define.ts';

/** What each fault's message needs, by code. The union is closed: a protocol's edge can map each code to its own wire shape. */
interface Details
  extends
    ArtifactFaults,
    BackfillFaults,
    CheckFaults,
    DatasetFaults,
    DvcFaults,
    ExperimentFaults,
    FeatureFaults,
    GateFaults,
    GcFaults,
    ImportFaults,
    LoggedModelFaults,
    ModelFaults,
    MonitorFaults,
    PipelineFaults,
    PlatformFaults,
    RecordingFaults,
    RolloutFaults,
    SearchFaults,
    ServingFaults,
    TraceFaults,
    TriggerFaults,
    WebhookFaults {}

const definitions: FaultDefinitions<Details> = {
  ...artifactFaults,
  ...backfillFaults,
  ...checkFaults,
  ...datasetFaults,
  ...dvcFaults,
  ...experimentFaults,
  ...platformFaults,
  ...featureFaults,
  ...gateFaults,
  ...gcFaults,
  ...importFaults,
  ...loggedModelFaults,
  ...modelFaults,
  ...monitorFaults,
  ...pipelineFaults,
  ...recordingFaults,
  ...rolloutFaults,
  ...searchFaults,
  ...servingFaults,
  ...traceFaults,
  ...triggerFaults,
  ...webhookFaults,
};

export type FaultCode = keyof Details;

export type FaultDetails<Code extends FaultCode> = Details[Code];

/** An error with a code of the closed union. Its message is fit for a client; its cause is not. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly kind: FaultKind;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: FaultCode, kind: FaultKind, message: string, details: Readonly<Record<string, unknown>>, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.code = code;
    this.kind = kind;
    this.details = details;
  }
}

export function fault<Code extends FaultCode>(code: Code, details: FaultDetails<Code>, cause?: unknown): Fault {
  const definition = definitions[code] as FaultDefinition<FaultDetails<Code>>;
  return new Fault(code, definition.kind, definition.message(details), details as Readonly<Record<string, unknown>>, cause);
}

export function isFault(error: unknown, code?: FaultCode): error is Fault {
  return error instanceof Fault && (code === undefined || error.code === code);
}
