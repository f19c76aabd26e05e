/** What a provider outside calls back. The server shell knows the address only; who is asked judges signature and state. */

export interface WebhookRequest {
  /** Whole address as the provider was given it: `publicUrl` and what was really asked for, query included. */
  url: string;
  /** Last part of the path. */
  id: string;
  /** The form; a repeated name is an array. */
  fields: Readonly<Record<string, unknown>>;
  header(name: string): string | undefined;
}

export type WebhookAnswer =
  | { is: 'taken'; type?: string; body?: string }
  /** Unsigned, wrongly signed, replayed or too old: nothing happened. `cause`: for the log, without a secret. */
  | { is: 'refused'; cause: string };

export interface Webhook {
  /** Behind `/webhooks/`, before the id: `twilio/voice`. */
  path: string;
  take(request: WebhookRequest): Promise<WebhookAnswer>;
}
