/** Tries a connected system for real: what it says of itself, and a new password for its canary, proven by a sign-in where it can. */
import type { Delivered, Person } from '../connectors/connector.ts';
import type { Finding } from '../kernel/plugin.ts';
import { newId, newToken } from '../kernel/random.ts';
import { Secret } from '../kernel/secret.ts';
import type { ConnectedSystem } from './system.ts';

/** Long, and with every class of characters that rules ask for. */
const canaryPassword = (): Secret => new Secret(`${newToken()}-aA9`);

const failed = (what: string, cause: string, fix?: string, key?: string): Finding => ({
  is: 'failed',
  what,
  cause,
  ...(fix ? { fix } : {}),
  ...(key ? { key } : {}),
});

function ofDelivery(what: string, outcome: Delivered): Finding {
  switch (outcome.is) {
    case 'delivered':
      return outcome.warning ? { is: 'warning', what, cause: outcome.warning } : { is: 'ok', what };
    case 'no-account':
      return failed(what, 'There is no such account.', 'Name an account that is there.', 'canary');
    case 'retry':
      return failed(what, outcome.cause);
    case 'rejected':
      return failed(what, outcome.cause, outcome.hint);
  }
}

async function tryCanary({ connector }: ConnectedSystem, canary: string): Promise<Finding[]> {
  const person: Person = { link: canary, username: canary, displayName: canary, mail: undefined };
  const found = await connector.find(person);
  const look = `find the canary ${canary}`;
  if (found.is === 'none' || found.is === 'several')
    return [
      failed(
        look,
        found.is === 'none' ? 'There is no such account.' : 'More than one account has this name.',
        'Name one account.',
        'canary',
      ),
    ];
  if (found.is !== 'found') return [failed(look, found.cause)];
  const what = `set the password of the canary ${found.name}`;
  const password = canaryPassword();
  const order = { is: 'password', password, mustChange: false } as const;
  const outcome = await connector.deliver(person, order, { idempotencyKey: `check-${newId()}`, number: 1 });
  const set = [{ is: 'ok', what: look } as const, ofDelivery(what, outcome)];
  if (outcome.is !== 'delivered' || !connector.verify) return set;
  const proof = 'sign in as the canary with the new password';
  const verified = await connector.verify(person, password);
  if (verified === 'right') return [...set, { is: 'ok', what: proof }];
  if (verified === 'wrong') return [...set, failed(proof, 'The system took the password, and refuses it at sign-in.')];
  return [...set, { is: 'warning', what: proof, cause: 'The system does not say whether it is right.' }];
}

/** `canary`: also writes the password of the test account. Never throws for a broken system. */
export async function checkSystem(system: ConnectedSystem, canary: boolean): Promise<Finding[]> {
  const own = await system.connector.check();
  if (!canary || own.some(({ is }) => is === 'failed')) return own;
  if (system.canary !== undefined) return [...own, ...(await tryCanary(system, system.canary))];
  const cause = 'Nothing was written, so the right to set passwords is not proven.';
  return [...own, { is: 'warning', what: 'a test account', cause, fix: 'Name one.', key: 'canary' }];
}
