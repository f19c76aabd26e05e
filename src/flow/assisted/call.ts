/** What a call keeps, sealed: how the caller was verified, and what is under way. Codes are kept as HMACs only. */
import type { JsonObject } from '../../kernel/json.ts';
import type { StoredCall } from '../../storage/repositories/calls.ts';

export interface Verified {
  kind: 'code-read-back' | 'known-device' | 'id-in-person' | 'manager';
  at: number;
  note?: string;
}

export interface CallData {
  /** Display name of the helper. */
  helper: string;
  /** Each time, the first one first. */
  verified: Verified[];
  /** Sent to a contact; `to`: masked. */
  code?: { mac: string; to: string; expiresAt: number };
  /** Asked on the device of the person. `seed`: what the number is made of. */
  device?: { seed: string; expiresAt: number };
  /** The caller looked whether the helper is one. */
  checkedAt?: number;
}

export const dataOf = (call: StoredCall): CallData => call.data as unknown as CallData;
export const asJson = (data: CallData): JsonObject => data as unknown as JsonObject;
