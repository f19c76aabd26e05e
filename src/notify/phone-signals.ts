/**
 * What a network operator knows of a number: whether its SIM or its owner changed lately (NIST SP 800-63B-4 §3.1.3.3, N-19). A
 * port without a plug-in yet: whoever has such a service hands it to compose.
 */
import type { E164 } from '../kernel/phone.ts';

export type PhoneChange =
  | { is: 'unchanged' }
  /** New SIM, ported or handed on: a code would perhaps reach somebody else, so none is sent. `cause`: for operators. */
  | { is: 'changed'; cause: string }
  /** Nobody can tell now. The code is sent: the service must not be able to lock everybody out. */
  | { is: 'unknown'; cause: string };

export interface PhoneSignals {
  /** Asked right before a code leaves, when nobody waits for a page. Must answer within seconds; a throw counts as `unknown`. */
  recentChange(number: E164): Promise<PhoneChange>;
}
