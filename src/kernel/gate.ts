/** What a passed gate is worth: the words in which methods speak to the policy (NIST SP 800-63B-4 §4.2). */

/**
 * `issued`, `saved`, `contact`: the three kinds of recovery codes. `bound`: a bound authenticator. `proofing`: identity proofed
 * anew, by a helper. `none`: proves nothing by NIST's book (questions, facts from a directory).
 */
export type Evidence = 'issued' | 'saved' | 'contact' | 'bound' | 'proofing' | 'none';

/** What an attacker would have to hold. Two gates of one channel never count twice. */
export type Channel =
  | 'mail'
  | 'phone'
  | 'app'
  | 'device'
  | 'sheet'
  | 'memory'
  | 'directory'
  | 'contact'
  | 'helper'
  | 'provider';

export interface Worth {
  evidence: Evidence;
  channel: Channel;
  /** Gates that it counts as: 0 asked in addition only, 2 a user-verified passkey. */
  weight: 0 | 1 | 2;
}

/** A way that could be, or was, passed. */
export interface Gate extends Worth {
  method: string;
}
