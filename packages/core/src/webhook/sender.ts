/** What a receiver answered. */
export interface WebhookAnswer {
  readonly status: number;
  /** The beginning of it, as text. */
  readonly body: string;
}

/** Posts to addresses that a stranger may have chosen. */
export interface WebhookSender {
  /** Throws `webhook_invalid` for an address that nothing is sent to: no https, or inside this network. */
  check(url: string): Promise<void>;
  /**
   * One attempt, whatever the answer's status; redirects are not followed. The address is checked again when connecting, so that a name may not change its mind. Throws
   * `webhook_invalid`, `webhook_failed` when no answer came.
   */
  post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<WebhookAnswer>;
}
