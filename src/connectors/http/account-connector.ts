/**
 * A system whose accounts can be looked up over HTTP: an account is found anew for every attempt, and what is protected, missing
 * or named twice is never written.
 */
import type { Finding } from '../../kernel/plugin.ts';
import type { Attempt, Connector, ConnectorAbilities, Delivered, Order, Person } from '../connector.ts';
import { type Deadline, deadlineIn } from './deadline.ts';
import { asRetry, type Trouble } from './trouble.ts';

export type Located<A> =
  /** `name`: what the account signs in with there. */
  | { is: 'located'; account: A; name: string }
  | { is: 'none' }
  | { is: 'several' }
  | { is: 'protected'; cause: string; hint?: string }
  | { is: 'trouble'; trouble: Trouble };

export interface AccountSystem<A> {
  can: Pick<ConnectorAbilities, 'unlock' | 'mustChange'>;
  timeout: number;
  /** Names that the operator listed. */
  protected: readonly string[];
  locate(person: Person, deadline: Deadline): Promise<Located<A>>;
  write(account: A, order: Order, deadline: Deadline, attempt: Attempt): Promise<Delivered>;
  check(): Promise<Finding[]>;
}

const LISTED = 'The account is listed under protected.';
const SEVERAL = 'The link names more than one account there.';

export function accountConnector<A>(system: AccountSystem<A>): Connector {
  const listed = new Set(system.protected.map((name) => name.toLowerCase()));
  const isListed = (name: string): boolean => listed.has(name.toLowerCase());

  async function locate(person: Person, deadline: Deadline): Promise<Located<A>> {
    if (isListed(person.link)) return { is: 'protected', cause: LISTED };
    const located = await system.locate(person, deadline);
    return located.is === 'located' && isListed(located.name) ? { is: 'protected', cause: LISTED } : located;
  }

  return {
    can: { ...system.can, find: true, verify: false },
    async find(person) {
      const located = await locate(person, deadlineIn(system.timeout));
      if (located.is === 'located') return { is: 'found', name: located.name };
      if (located.is === 'trouble') return asRetry(located.trouble);
      return located.is === 'protected' ? { is: 'protected', cause: located.cause } : located;
    },
    async deliver(person, order, attempt) {
      const deadline = deadlineIn(system.timeout);
      const located = await locate(person, deadline);
      switch (located.is) {
        case 'located':
          return system.write(located.account, order, deadline, attempt);
        case 'none':
          return { is: 'no-account' };
        case 'several':
          return { is: 'rejected', cause: SEVERAL, hint: 'Link by something that only one account has.' };
        case 'protected': {
          const { cause, hint = 'Such a password is set there by hand.' } = located;
          return { is: 'rejected', cause, hint };
        }
        case 'trouble':
          return asRetry(located.trouble);
      }
    },
    check: () => system.check(),
    async close() {},
  };
}
