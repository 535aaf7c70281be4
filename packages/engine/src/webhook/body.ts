import type { JsonObject, WebhookTopic } from '@pawl/core';

/** The text of a message; `at` in epoch milliseconds. */
export function toBody({ entity, action }: WebhookTopic, data: JsonObject, at: number): string {
  return JSON.stringify({ entity, action, timestamp: new Date(at).toISOString().replace('Z', '+00:00'), data });
}

export function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
