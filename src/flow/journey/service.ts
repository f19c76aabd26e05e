/**
 * The gates: begin, choose a method, answer, ask again, go another way, give up. Requests become events; the table in
 * transitions.ts decides; one transaction commits. Unknown accounts run the very same code on a decoy.
 */
import type { Preflight } from '../../directory/directory.ts';
import type { Account, Authenticator } from '../../kernel/account.ts';
import type { Effect } from '../../kernel/effect.ts';
import { newId } from '../../kernel/random.ts';
import type { Answer, Step, VerificationMethod } from '../../methods/method.ts';
import { plan } from '../../policy/plan.ts';
import { StaleWrite } from '../../storage/failure.ts';
import { commitEffects } from '../commit.ts';
import { decoyAuthenticator, decoySubject } from '../decoy.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import { identifierKeyOf } from '../identifier.ts';
import { mailLanguage } from '../mail-language.ts';
import { notices } from '../notices.ts';
import type { JourneyEvent } from './events.ts';
import { isAnonymous, type Journey, type JourneyKind, journeyAccount } from './states.ts';
import { createJourneyStore, type Live, type Moved, policyOf, usableMethods, usableOf } from './store.ts';

export type Begun =
  | { is: 'begun'; token: string }
  | { is: 'wait'; until: number }
  /** The directory can't be asked now: the same for everybody. */
  | { is: 'unavailable' };

export type Advanced =
  | ({ is: 'moved' } & Moved)
  /** No journey, a form of an earlier state, or a parallel request was first: show where the journey is now. */
  | { is: 'stale' }
  /** All tries of this code are used: nothing was looked at. */
  | { is: 'spent' };

export type JourneyService = ReturnType<typeof createJourneyService>;

const stale: Advanced = { is: 'stale' };

/** Costs what a real mail costs up to the outbox, and fails where one fails (A33); there it is too late from the start. */
const neverSent = (effect: Effect): Effect => (effect.kind === 'send-mail' ? { ...effect, expiresAt: 0 } : effect);

const blockedBy = (found: Preflight): Journey['blocked'] =>
  found.is === 'blocked'
    ? { why: found.why, cause: found.cause, ...(found.until === undefined ? {} : { until: found.until }) }
    : undefined;

export function createJourneyService(deps: FlowDeps) {
  const store = createJourneyStore(deps);
  const { throttle, clock, keyring } = deps;

  const fresh = (
    kind: JourneyKind,
    account: Account | undefined,
    identifierKey: string,
    language: string,
    blocked?: Journey['blocked'],
  ): Journey => ({
    kind,
    account: account && journeyAccount(account),
    subject: account?.id ?? decoySubject(identifierKey),
    identifierKey,
    language: mailLanguage(deps.languages, account, language),
    blocked,
    passed: [],
    sent: {},
    replacements: [],
    step: newId(),
    state: { at: 'choosing' },
  });

  const stepOf = (live: Live, challenge: string): Step => ({
    flow: live.id,
    challenge,
    now: clock.now(),
    language: live.journey.language,
    account: live.journey.account ?? { id: live.journey.subject, username: '', displayName: '' },
    purpose: live.journey.kind === 'change' ? 'recovery' : live.journey.kind,
  });

  /** The person's own authenticators for a method, or a stand-in that never matches. */
  const standIns = (live: Live, method: VerificationMethod, own: readonly Authenticator[]) => {
    const real = usableOf(own, method.id);
    const usable = live.journey.account !== undefined && method.offer(real) !== undefined;
    return { real: usable, list: usable ? real : [decoyAuthenticator(keyring, live.journey.subject, method)] };
  };

  /** Loads the journey that this form belongs to. */
  const at = async (token: string, step: string): Promise<Live | undefined> => {
    const live = await store.load(token);
    return live && live.journey.step === step ? live : undefined;
  };

  const move = async (
    live: Live,
    event: JourneyEvent,
    options: Parameters<typeof store.move>[2],
  ): Promise<Advanced> => {
    try {
      const moved = await store.move(live, event, options);
      return moved ? { is: 'moved', ...moved } : stale;
    } catch (error) {
      if (error instanceof StaleWrite) return stale;
      throw error;
    }
  };

  /** Ends the code, also when a parallel answer to the same challenge moved the journey first. */
  const lastTry = async (live: Live, challenge: string, ip: string): Promise<Advanced> => {
    const done = await move(live, { is: 'voided', because: 'tries' }, { ip });
    if (done.is === 'moved') return done;
    const present = await store.loadById(live.id);
    const state = present?.journey.state;
    return present && state?.at === 'answering' && state.challenge === challenge
      ? lastTry(present, challenge, ip)
      : stale;
  };

  const challenge = async (live: Live, methodId: string, ip: string): Promise<Advanced> => {
    const method = deps.methods.get(methodId);
    if (!method) return stale;
    const own = await store.authenticatorsOf(live.journey);
    const { real, list } = standIns(live, method, own);
    const id = newId();
    const made = await method.challenge(stepOf(live, id), list);
    if (made.prompt.kind !== 'enter-code')
      throw new Error(`${methodId} asked for ${made.prompt.kind} during verification.`);
    const mails = made.effects.filter((effect) => effect.kind === 'send-mail');
    let sending = real;
    if (mails.length > 0) {
      const { identifierKey, subject, sent } = live.journey;
      const earlier = sent[methodId];
      const again = earlier && (earlier.times > deps.resends ? live.expiresAt : earlier.againAt);
      if (again !== undefined && clock.now() < again)
        return move(live, { is: 'held', until: again }, { ip, authenticators: own });
      const destinations = mails.map(({ to }) => to);
      const allowance = await throttle.send({ identifierKey, subject, method: methodId, destinations }, clock.now());
      if (allowance.is === 'wait')
        return move(live, { is: 'held', until: allowance.until }, { ip, authenticators: own });
      sending &&= allowance.send;
    }
    const event: JourneyEvent = {
      is: 'challenged',
      method: methodId,
      challenge: id,
      pending: made.pending,
      prompt: made.prompt,
      resendAt: clock.now() + deps.lifetimes.resendWait,
      effects: sending ? made.effects : made.effects.map(neverSent),
    };
    return move(live, event, { ip, authenticators: own });
  };

  return {
    store,

    /** A stranger says who they are. Everything that differs between accounts stays inside. */
    async begin(identifier: string, language: string, origin: Origin): Promise<Begun> {
      const identifierKey = identifierKeyOf(keyring, identifier);
      const allowance = await throttle.start(identifierKey, origin.network, clock.now());
      if (allowance.is === 'wait') {
        if (allowance.first) await this.refused(decoySubject(identifierKey), allowance.limit, origin);
        return allowance;
      }
      const found = await deps.directory.find(identifier.trim());
      if (found.is === 'unavailable') {
        deps.log.error({ cause: found.cause }, 'The directory could not be asked for an account.');
        return { is: 'unavailable' };
      }
      const account = found.is === 'found' ? found.account : undefined;
      const preflight = account && (await deps.directory.preflight(account));
      // Only known accounts get here, so it must not show: the write at the end will say what is the matter.
      if (preflight?.is === 'unavailable')
        deps.log.error({ cause: preflight.cause }, 'The directory could not be asked whether a reset can succeed.');
      const within = await throttle.startAccount(account?.id ?? decoySubject(identifierKey), clock.now());
      const blocked = preflight && blockedBy(preflight);
      if (blocked)
        deps.log.warn({ account: account?.id, ...blocked }, 'A recovery was begun that the directory would refuse.');
      const journey = fresh('recovery', within ? account : undefined, identifierKey, language, blocked);
      const why = !account
        ? found.is === 'none'
          ? (found.cause ?? 'No such account.')
          : undefined
        : within
          ? blocked?.cause
          : 'Too many for this account.';
      const { token } = await store.create(account ? { ...journey, subject: account.id } : journey, {
        event: 'recovery.started',
        outcome: why ? 'refused' : 'success',
        ip: origin.ip,
        ...(why ? { reason: why } : {}),
      });
      return { is: 'begun', token };
    },

    /** Who reached a limit is told to the audit once per window; a flood of records would be an attack of its own. */
    async refused(subject: string, limit: string, { ip }: Origin): Promise<void> {
      await deps.storage.transaction((trx) =>
        deps.audit.append(trx, {
          event: 'recovery.started',
          outcome: 'refused',
          actor: 'anonymous',
          subject,
          ip,
          reason: `The limit ${limit} was reached.`,
        }),
      );
    },

    /** For somebody who is known already: a practice run, or the second factor of a sign-in. */
    async beginFor(
      kind: 'practice' | 'sign-in',
      account: Account,
      language: string,
      origin: Origin,
    ): Promise<{ token: string }> {
      // A practice run that ends well must mean that a recovery would, too. A minimum age passes by itself.
      const found = kind === 'practice' ? blockedBy(await deps.directory.preflight(account)) : undefined;
      const blocked = found?.why === 'minimum-age' ? undefined : found;
      const journey = fresh(kind, account, identifierKeyOf(keyring, account.username), language, blocked);
      const { token } = await store.create(journey, { event: `${kind}.started`, outcome: 'success', ip: origin.ip });
      return { token };
    },

    /** Methods that may come next; before the first gate these are the organisation's, not the person's. */
    nextMethods(journey: Journey, own: readonly Authenticator[]) {
      const usable = isAnonymous(journey) ? undefined : usableMethods(deps, own);
      return plan({ policy: policyOf(deps, journey), passed: journey.passed, usable });
    },

    async choose(token: string, step: string, method: string, origin: Origin): Promise<Advanced> {
      const live = await at(token, step);
      if (live?.journey.state.at !== 'choosing') return stale;
      const next = this.nextMethods(live.journey, await store.authenticatorsOf(live.journey));
      if (next.is !== 'gate' || !next.methods.includes(method)) return stale;
      return challenge(live, method, origin.ip);
    },

    async resend(token: string, step: string, origin: Origin): Promise<Advanced> {
      const live = await at(token, step);
      const state = live?.journey.state;
      if (!live || state?.at !== 'answering' || !state.prompt.resendable) return stale;
      return challenge(live, state.method, origin.ip);
    },

    async back(token: string, step: string, origin: Origin): Promise<Advanced> {
      const live = await at(token, step);
      return live ? move(live, { is: 'went-back' }, { ip: origin.ip }) : stale;
    },

    async cancel(token: string, step: string, origin: Origin): Promise<Advanced> {
      const live = await at(token, step);
      return live ? move(live, { is: 'cancelled' }, { ip: origin.ip }) : stale;
    },

    /** Counted first, judged then, used up in the same transaction that opens the gate. */
    async answer(token: string, step: string, answer: Answer, origin: Origin): Promise<Advanced> {
      const live = await at(token, step);
      const state = live?.journey.state;
      if (!live || state?.at !== 'answering') return stale;
      const method = deps.methods.get(state.method);
      if (!method) return stale;
      const { identifierKey, subject } = live.journey;
      const who = { identifierKey, subject, method: state.method };
      const { ip } = origin;
      const attempt = await throttle.attempt({ ...who, challenge: state.challenge }, clock.now());
      // Moves nothing: a right answer among the tries that did count may still be on its way.
      if (attempt.is === 'void') return { is: 'spent' };
      if (attempt.is === 'wait') return move(live, { is: 'held', until: attempt.until }, { ip });

      const own = await store.authenticatorsOf(live.journey);
      const { real, list } = standIns(live, method, own);
      const verdict = await method.judge(stepOf(live, state.challenge), list, state.pending, answer);
      const trusted = real && !attempt.muted;
      if (verdict.is === 'verified' && trusted) {
        const event: JourneyEvent = {
          is: 'verified',
          effects: verdict.effects,
          replacementCode: verdict.show?.replacementCode,
          tell: verdict.tell,
          ip,
        };
        return move(live, event, { ip, authenticators: own, also: (trx) => throttle.forgive(trx, who) });
      }
      if (attempt.disable && real) await this.disable(live, list, own, ip);
      if (verdict.is === 'expired')
        return move(live, { is: 'voided', because: 'expired' }, { ip, authenticators: own });
      if (attempt.triesLeft === 0) return lastTry(live, state.challenge, ip);
      return move(live, { is: 'mismatched', triesLeft: attempt.triesLeft }, { ip, authenticators: own });
    },

    /** N-24: too many failures in a row. The authenticator must be bound again; the directory account is untouched. */
    async disable(
      live: Live,
      authenticators: readonly Authenticator[],
      own: readonly Authenticator[],
      ip: string,
    ): Promise<void> {
      const now = clock.now();
      const method = authenticators[0]?.method ?? '';
      const person = { language: live.journey.language, displayName: live.journey.account?.displayName ?? '' };
      const told = notices(own, 'factor-removed-notice', person, now, { method, ip });
      await deps.storage
        .transaction(async (trx) => {
          for (const one of authenticators)
            await deps.authenticators.update(trx, one.id, one.version, { disabledAt: now });
          await commitEffects(deps, trx, told.effects, [
            {
              event: 'authenticator.disabled',
              outcome: 'success',
              actor: 'system',
              subject: live.journey.subject,
              flow: live.id,
              ip,
              method,
              reason: 'Too many failures in a row.',
            },
          ]);
        })
        .then(() => deps.outbox.nudge())
        .catch((error) => {
          // Used or removed at this very instant; the next failure comes here again.
          if (!(error instanceof StaleWrite)) throw error;
        });
    },
  };
}
