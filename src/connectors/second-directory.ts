/**
 * A directory beside the main one, as a connected system: it is opened by the plug-in that speaks to it as a main directory,
 * and each of its outcomes keeps its meaning. What is protected there is protected here.
 */

import type { Directory, WriteOutcome } from '../directory/directory.ts';
import type { Account } from '../kernel/account.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Connector, Delivered, Found, Order, Verified } from './connector.ts';
import { inForce } from './in-force.ts';

/** Rules that a password breaks only because it is in force already. */
const SAID_AGAIN = new Set(['history', 'unchanged', 'too-young']);

function delivered(outcome: WriteOutcome): Delivered {
  switch (outcome.is) {
    case 'applied':
      return { is: 'delivered', ...(outcome.warning === undefined ? {} : { warning: outcome.warning }) };
    case 'unavailable':
      return { is: 'retry', whole: true, cause: outcome.cause };
    case 'unknown':
      return { is: 'retry', whole: false, cause: outcome.cause };
    case 'wrong-password':
      return { is: 'rejected', cause: 'The directory asked for the old password.' };
    default: {
      const hint =
        outcome.hint ?? 'Look at the entry in that directory: sparekey connectors check tries it on the canary.';
      return { is: 'rejected', cause: outcome.cause, hint };
    }
  }
}

export function secondDirectory(directory: Directory, clock: Clock): Connector {
  async function look(link: string): Promise<Exclude<Found, { is: 'found' }> | { is: 'account'; account: Account }> {
    const found = await directory.find(link);
    if (found.is === 'found') return { is: 'account', account: found.account };
    if (found.is === 'unavailable') return { is: 'retry', whole: true, cause: found.cause };
    // A cause is given only where there is somebody, but not one alone who could be meant.
    return { is: found.cause === undefined ? 'none' : 'several' };
  }

  async function setPassword(account: Account, order: Extract<Order, { is: 'password' }>): Promise<Delivered> {
    const outcome = await directory.writePassword(account, order.password);
    const again = outcome.is === 'refused' && outcome.rules.some((rule) => SAID_AGAIN.has(rule));
    const same = again && (await directory.verifyPassword(account, order.password)).is.startsWith('correct');
    const set: Delivered = same ? { is: 'delivered' } : delivered(outcome);
    if (set.is !== 'delivered' || !order.mustChange) return set;
    return inForce(delivered(await directory.requireChange(account)));
  }

  return {
    can: { unlock: directory.can.unlock, mustChange: directory.can.mustChange, find: true, verify: true },
    async find({ link }): Promise<Found> {
      const found = await look(link);
      if (found.is !== 'account') return found;
      const { account } = found;
      const state = await directory.preflight(account);
      if (state.is === 'unavailable') return { is: 'retry', whole: true, cause: state.cause };
      // Waiting helps there: an account like any other.
      const waits = state.is === 'blocked' && state.until !== undefined && state.until > clock.now();
      return state.is === 'ready' || waits
        ? { is: 'found', name: account.locator }
        : { is: 'protected', cause: state.cause };
    },
    async deliver({ link }, order): Promise<Delivered> {
      const found = await look(link);
      switch (found.is) {
        case 'none':
          return { is: 'no-account' };
        case 'account':
          if (order.is === 'password') return setPassword(found.account, order);
          return delivered(
            await (order.is === 'unlock' ? directory.unlock(found.account) : directory.requireChange(found.account)),
          );
        case 'several': {
          const hint = 'Let the rule of the link name what only one entry has.';
          return { is: 'rejected', cause: `More than one entry answers to ${link}.`, hint };
        }
        case 'protected':
          return { is: 'rejected', cause: found.cause };
        default:
          return found;
      }
    },
    async verify({ link }, password): Promise<Verified> {
      const found = await look(link);
      if (found.is !== 'account') return 'unknown';
      const outcome = await directory.verifyPassword(found.account, password);
      if (outcome.is === 'correct' || outcome.is === 'correct-but') return 'right';
      return outcome.is === 'wrong' ? 'wrong' : 'unknown';
    },
    check: () => directory.check(),
    close: () => directory.close(),
  };
}
