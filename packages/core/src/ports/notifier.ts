import type { JsonObject } from './json.ts';

/** Sends one message to one webhook. Resolves when the receiver answered 2xx; throws `webhook_failed` otherwise. */
export interface Notifier {
  post(url: string, body: JsonObject, headers: Readonly<Record<string, string>>): Promise<void>;
}
