/** What an enrolment remembers between two requests. One per account, for the session that began it; a new one replaces it. */
import type { JsonObject } from '../../kernel/json.ts';
import type { Prompt } from '../../kernel/prompt.ts';

export interface Enrolling {
  method: string;
  /** Names this attempt; part of every MAC made for it. */
  challenge: string;
  pending: JsonObject;
  prompt: Prompt;
  /** Masked address that the code went to, when one was sent. */
  sentTo: string | undefined;
  problem?: { is: 'mismatch'; triesLeft: number };
}
