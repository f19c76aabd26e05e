/**
 * Where a text or call stands that a provider goes on telling us about. It is kept where every node sees it: the webhook may
 * be answered by another node than the one that waits.
 */
import type { JsonObject } from '../kernel/json.ts';

export interface Delivery {
  /** Unguessable; stands in the address of the webhook. */
  id: string;
  kind: string;
  /** Idempotency key of the message. */
  job: string;
  stage: string;
  /** May hold a code: it is sealed at rest. */
  data: JsonObject;
  /** ms; from then on it is not found any more. */
  expiresAt: number;
}

/** As it was read; a move names the version that it read. */
export type KnownDelivery = Delivery & { version: number };

export interface Deliveries {
  open(delivery: Delivery): Promise<void>;
  find(kind: string, id: string): Promise<KnownDelivery | undefined>;
  /** The newest of that job. */
  findByJob(kind: string, job: string): Promise<KnownDelivery | undefined>;
  /** @returns false when somebody else moved it since: of two equal requests one is refused, on every node. */
  move(from: Pick<KnownDelivery, 'id' | 'version'>, to: Pick<Delivery, 'stage' | 'data'>): Promise<boolean>;
}

/** What a sender needs to be called back. */
export interface CallbackPorts {
  deliveries: Deliveries;
  /** Origin that the provider can reach. */
  publicUrl: URL;
}
