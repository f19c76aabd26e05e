/**
 * Signing in to the portal with the present password, and with a second factor where the person has one (N-27: nobody
 * adds a way to verify from a weaker proof than the account can give).
 */
import type { PreflightBlock } from '../../directory/directory.ts';
import type { Account } from '../../kernel/account.ts';
import { newToken } from '../../kernel/random.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { StoredSession } from '../../storage/repositories/sessions.ts';
import { decoySubject } from '../decoy.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import { identifierKeyOf } from '../identifier.ts';
import type { JourneyService } from '../journey/service.ts';
import { gatesOf } from '../usable.ts';

export type SignedIn =
  | { is: 'signed-in'; token: string }
  | { is: 'second-factor'; token: string }
  /** The password is right, but the directory wants a new one first. */
  | { is: 'new-password-needed'; why: 'expired' | 'must-change' | 'leaked' }
  /** Unknown, wrong, locked, disabled: all the same to a stranger. */
  | { is: 'refused' }
  | { is: 'wait'; until: number }
  | { is: 'unavailable' };

export type Present =
  | { is: 'signed-in'; session: StoredSession; account: Account }
  | { is: 'nobody' }
  | { is: 'unavailable'; cause: string };

export interface Proof {
  identifierKey: string;
  account: Account;
  /** The directory accepts the password, but wants a new one. */
  needsNew: 'expired' | 'must-change' | undefined;
}

export type Proven =
  | ({ is: 'proven' } & Proof)
  | { is: 'refused' }
  | { is: 'wait'; until: number }
  | { is: 'unavailable' };

const OUT_OF_USE: readonly PreflightBlock[] = ['disabled', 'account-expired'];

/** A session whose last request is younger than this is not written again. */
const TOUCH_EVERY = 30_000;

export type SignInService = ReturnType<typeof createSignInService>;

export function createSignInService(deps: FlowDeps, journeys: JourneyService) {
  const { directory, throttle, clock, storage, sessions, lifetimes } = deps;

  const open = async (account: Account, origin: Origin, withFactor: string | undefined): Promise<string> => {
    const token = newToken();
    const now = clock.now();
    await storage.transaction(async (trx) => {
      await sessions.create(trx, {
        token,
        accountId: account.id,
        directory: account.directory,
        directoryKey: account.key,
        createdAt: now,
        expiresAt: now + lifetimes.sessionAbsolute,
        userAgent: origin.userAgent.slice(0, 200),
        factor: withFactor,
      });
      await deps.risk.succeeded(trx, account.id, origin, now);
      await deps.audit.append(trx, {
        event: 'session.opened',
        outcome: 'success',
        actor: account.id,
        subject: account.id,
        ip: origin.ip,
        ...(withFactor ? { method: withFactor } : {}),
      });
    });
    return token;
  };

  /** Only said to whoever has just proven the password. What can't be looked up stops nobody. */
  const leaked = async (password: Secret): Promise<boolean> =>
    deps.passwords.leakedAtSignIn === true && (await deps.breach?.lookUp(password))?.is === 'breached';

  const endSessions = (account: Account, reason: string): Promise<void> =>
    storage.transaction(async (trx) => {
      await sessions.endAll(trx, account.id, clock.now());
      await deps.audit.append(trx, {
        event: 'session.ended',
        outcome: 'success',
        actor: 'system',
        subject: account.id,
        reason,
      });
    });

  return {
    /** Checks a password by a real bind. Counted before the directory is asked, so nobody locks an account from here. */
    async prove(identifier: string, password: Secret, origin: Origin): Promise<Proven> {
      const identifierKey = identifierKeyOf(deps.keyring, identifier);
      const allowance = await throttle.signIn(identifierKey, origin.network, clock.now());
      if (allowance.is === 'wait') {
        if (allowance.first)
          await storage.transaction((trx) =>
            deps.audit.append(trx, {
              event: 'sign-in.throttled',
              outcome: 'refused',
              actor: 'anonymous',
              subject: decoySubject(identifierKey),
              ip: origin.ip,
              reason: `The limit ${allowance.limit} was reached.`,
            }),
          );
        return allowance;
      }
      const found = await directory.find(identifier.trim());
      if (found.is === 'unavailable') {
        deps.log.error({ cause: found.cause }, 'The directory could not be asked for an account.');
        return { is: 'unavailable' };
      }
      const subject = found.is === 'found' ? found.account.id : decoySubject(identifierKey);
      const within = await throttle.signInAccount(subject, clock.now());
      const refuse = async (reason: string): Promise<Proven> => {
        await storage.transaction((trx) =>
          deps.audit.append(trx, {
            event: 'sign-in.refused',
            outcome: 'failure',
            actor: 'anonymous',
            subject,
            ip: origin.ip,
            reason,
          }),
        );
        return { is: 'refused' };
      };
      if (found.is === 'none') return refuse(found.cause ?? 'No such account.');
      if (!within) return refuse('Too many wrong passwords for this account; the directory was not asked.');
      const outcome = await directory.verifyPassword(found.account, password);
      switch (outcome.is) {
        case 'correct':
        case 'correct-but':
          await storage.transaction((trx) => throttle.signInSucceeded(trx, identifierKey, subject));
          return {
            is: 'proven',
            identifierKey,
            account: found.account,
            needsNew: outcome.is === 'correct-but' ? outcome.why : undefined,
          };
        case 'wrong':
          return refuse('Wrong password.');
        case 'refused':
          return refuse(outcome.cause);
        case 'unavailable':
          deps.log.error({ cause: outcome.cause }, 'The directory could not check a password.');
          return { is: 'unavailable' };
      }
    },

    async signIn(identifier: string, password: Secret, language: string, origin: Origin): Promise<SignedIn> {
      const proof = await this.prove(identifier, password, origin);
      if (proof.is !== 'proven') return proof;
      if (proof.needsNew) return { is: 'new-password-needed', why: proof.needsNew };
      if (await leaked(password)) return { is: 'new-password-needed', why: 'leaked' };
      const own = await deps.authenticators.list(storage.db, proof.account.id);
      // A disabled one counts: whoever burnt its tries must not get in with the password alone.
      const bound = own.map((one) => ({ ...one, disabledAt: undefined, settlesAt: undefined }));
      const second = gatesOf(deps.methods, proof.account, bound, clock.now()).some(
        ({ method, evidence }) => evidence !== 'issued' && deps.methods.get(method)?.signIn,
      );
      if (second)
        return { is: 'second-factor', ...(await journeys.beginFor('sign-in', proof.account, language, origin)) };
      return { is: 'signed-in', token: await open(proof.account, origin, undefined) };
    },

    /** After the second factor: the journey has just ended as `signed-in`, which happens once. */
    async complete(accountKey: string, method: string, origin: Origin): Promise<string | undefined> {
      const found = await directory.load(accountKey);
      return found.is === 'found' ? open(found.account, origin, method) : undefined;
    },

    /** Twice a minute at the most the directory is asked whether the account is still in use (ASVS 7.4.2). */
    async whoIs(token: string): Promise<Present> {
      const now = clock.now();
      const session = await sessions.findByToken(storage.db, token, { now, idle: lifetimes.sessionIdle });
      if (!session) return { is: 'nobody' };
      const found = await directory.load(session.directoryKey);
      if (found.is === 'unavailable') return found;
      if (found.is === 'none') return { is: 'nobody' };
      const { account } = found;
      if (now - session.seenAt > TOUCH_EVERY) {
        const state = await directory.preflight(account);
        if (state.is === 'blocked' && OUT_OF_USE.includes(state.why)) {
          await endSessions(account, state.cause);
          return { is: 'nobody' };
        }
        await sessions.touch(storage.db, token, now);
      }
      return { is: 'signed-in', session, account };
    },

    async signOut(token: string, origin: Origin): Promise<void> {
      const now = clock.now();
      const session = await sessions.findByToken(storage.db, token, { now, idle: lifetimes.sessionIdle });
      if (!session) return;
      const { accountId } = session;
      await storage.transaction(async (trx) => {
        await sessions.end(trx, token, now);
        await deps.audit.append(trx, {
          event: 'session.closed',
          outcome: 'success',
          actor: accountId,
          subject: accountId,
          ip: origin.ip,
        });
      });
    },
  };
}
