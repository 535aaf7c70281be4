export type WebhookEntity =
  | 'registered_model'
  | 'model_version'
  | 'model_version_tag'
  | 'model_version_alias'
  | 'prompt'
  | 'prompt_version'
  | 'prompt_tag'
  | 'prompt_version_tag'
  | 'prompt_alias';

export type WebhookAction = 'created' | 'set' | 'deleted';

/** What a webhook is told of. */
export interface WebhookTopic {
  readonly entity: WebhookEntity;
  readonly action: WebhookAction;
}

/** The topics there are, as MLflow has them (mlflow/entities/webhook.py). */
export const webhookActions: Readonly<Record<WebhookEntity, readonly WebhookAction[]>> = {
  registered_model: ['created'],
  model_version: ['created'],
  model_version_tag: ['set', 'deleted'],
  model_version_alias: ['created', 'deleted'],
  prompt: ['created'],
  prompt_version: ['created'],
  prompt_tag: ['set', 'deleted'],
  prompt_version_tag: ['set', 'deleted'],
  prompt_alias: ['created', 'deleted'],
};

export type WebhookStatus = 'ACTIVE' | 'DISABLED';

export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly topics: readonly WebhookTopic[];
  /** Key of the signature, sealed by the secret box; null when messages go out unsigned. Never shown. */
  readonly secret: string | null;
  readonly status: WebhookStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type DeliveryState = 'waiting' | 'delivered' | 'failed';

/** One message to one webhook. Its id stays the same over all attempts, so that the receiver can tell a repetition. */
export interface WebhookDelivery {
  readonly id: string;
  readonly webhook: string;
  /** The JSON text, the same at each attempt. */
  readonly body: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When the next attempt is due. */
  readonly dueAt: number;
  readonly createdAt: number;
  /** What the last attempt ended with; empty before the first. */
  readonly problem: string;
}
