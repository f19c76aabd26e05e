/** Somebody at work in the console: who, as what, and for whom. */
import type { Account } from '../kernel/account.ts';
import type { Right } from './rights.ts';

/** Whose things somebody may touch. */
export type Scope =
  | { is: 'everybody' }
  | {
      is: 'limited';
      /** DNs; everybody below them. */
      under: readonly string[];
      /** Members of these, nested ones included. */
      groups: readonly string[];
      /** Attributes in which the person and the helper have the same value: a teacher's own class. */
      same: readonly string[];
    };

export interface Staff {
  account: Account;
  /** Name of the role in the configuration. */
  role: string;
  rights: ReadonlySet<Right>;
  scope: Scope;
}

/** For the `actor` of audit records. */
export const actorOf = ({ account }: Pick<Staff, 'account'>): string => `staff:${account.username}`;
