/**
 * The gates: begin, choose a method, answer, ask again, go another way, give up. Requests become events; the table in
 * transitions.ts decides; one transaction commits. Unknown accounts run the very same code on a decoy.
 */
import type { Preflight } from '../../directory/directory.ts';
import type { Account, Authenticator } from '../../kernel/account.ts';
import { type Effect, isMessage } from '../../kernel/effect.ts';
import type { GatePrompt } from '../../kernel/prompt.ts';
import { newId } from '../../kernel/random.ts';
import type { Verdict } from '../../kernel/verdict.ts';
import type { Answer, Step, VerificationMethod } from '../../methods/method.ts';
import type { RiskDecision } from '../../policy/risk.ts';
import { ruleFor } from '../../policy/rules.ts';
import { StaleWrite } from '../../storage/failure.ts';
import * as people from '../../storage/repositories/people.ts';
import type { Trx } from '../../storage/storage.ts';
import { commitEffects } from '../commit.ts';
import { decoyAuthenticator, decoySubject } from '../decoy.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import { canRecover } from '../enrolment/overview.ts';
import { identifierKeyOf } from '../identifier.ts';
import { openIncident } from '../incident.ts';
import { mailLanguage } from '../mail-language.ts';
import { noNotices, notices } from '../notices.ts';
import { isWithheld } from '../phone-costs.ts';
import { gatesOf, heldGates, mayBeFirst, usableOf } from '../usable.ts';
import type { JourneyEvent } from './events.ts';
import { isAnonymous, type Journey, type JourneyKind, type JourneyRisk, journeyAccount } from './states.ts';
import { createJourneyStore, type Live, type Moved, planOf, ruleOf } from './store.ts';

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

/** The right answer of somebody who had not said who they are. */
export interface FirstGate {
  account: Account;
  method: VerificationMethod;
  verdict: Extract<Verdict, { is: 'verified' }>;
  prompt: GatePrompt;
}

export type JourneyService = ReturnType<typeof createJourneyService>;

const stale: Advanced = { is: 'stale' };

/** Costs what a real message costs up to the outbox, and fails where one fails (A33); there it is too late from the start. */
const neverSent = (effect: Effect): Effect => (isMessage(effect) ? { ...effect, expiresAt: 0 } : effect);

/** What stops an unlock: a rule about passwords doesn't, but there must be something to unlock. */
function lockedBy(found: Preflight): Journey['blocked'] {
  if (found.is === 'ready' && !found.locked)
    return { why: 'not-locked', cause: 'The account is not locked in the directory.' };
  const matters = found.is === 'blocked' && found.why !== 'minimum-age' && found.why !== 'cannot-change-password';
  return matters ? blockedBy(found) : undefined;
}

const blockedBy = (found: Preflight): Journey['blocked'] =>
  found.is === 'blocked'
    ? { why: found.why, cause: found.cause, ...(found.until === undefined ? {} : { until: found.until }) }
    : undefined;

const subjectOf = ({ account, subject }: Journey) =>
  account ?? { id: subject, username: '', displayName: '', mail: [], attributes: {} };

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
    rule: account ? ruleFor(deps.rules, account).name : deps.rules.default.name,
    passed: [],
    sent: {},
    replacements: [],
    step: newId(),
    state: { at: 'choosing' },
  });

  /** "It wasn't me", or an operator, stopped recovery for this account. */
  const frozen = async (account: Account): Promise<Journey['blocked']> => {
    const known = await people.find(deps.storage.db, account.id);
    return known?.frozenAt === undefined ? undefined : { why: 'frozen', cause: known.frozenReason ?? 'Frozen.' };
  };
  /** No phase of the roll-out is open for them. */
  const notOpen = async (account: Account): Promise<Journey['blocked']> =>
    (await deps.admission?.isOpen(account)) === false
      ? { why: 'not-open', cause: 'No phase of the roll-out is open for this account.' }
      : undefined;
  const blockersOf = { recovery: blockedBy, unlock: lockedBy };

  /**
   * The journey of somebody who was looked for. `against`: what speaks against it; the audit's business now, the person's only
   * after the first gate.
   */
  const opening = async (
    kind: keyof typeof blockersOf,
    account: Account | undefined,
    identifierKey: string,
    language: string,
    origin: Origin,
  ): Promise<{ journey: Journey; against: string | undefined }> => {
    const preflight = account && (await deps.directory.preflight(account, { justRead: true }));
    // Only known accounts get here, so it must not show: the write at the end will say what is the matter.
    if (preflight?.is === 'unavailable')
      deps.log.error({ cause: preflight.cause }, 'The directory could not be asked whether a reset can succeed.');
    const subject = account?.id ?? decoySubject(identifierKey);
    // Counts and nothing else in one transaction, and none is taken back.
    const { within, assessed } = await deps.storage.transaction(async (trx) => ({
      within: await throttle.startAccount(subject, clock.now(), trx),
      assessed: await deps.risk.assess(subject, origin, clock.now(), trx),
    }));
    const stopped = account && ((await frozen(account)) ?? (await notOpen(account)));
    const blocked = stopped ?? (preflight && blockersOf[kind](preflight));
    if (blocked)
      deps.log.warn({ account: account?.id, ...blocked }, 'A recovery was begun that the directory would refuse.');
    const risk = await riskOf(account, assessed);
    const journey = fresh(kind, within ? account : undefined, identifierKey, language, blocked);
    return {
      journey: { ...journey, ...(account ? { subject: account.id } : {}), ...(risk ? { risk } : {}) },
      against: within ? blocked?.cause : 'Too many for this account.',
    };
  };

  /** Assessed for every name, so that it costs the same; it means something for accounts only. */
  const riskOf = async (account: Account | undefined, { is, says }: RiskDecision): Promise<JourneyRisk | undefined> => {
    if (is === 'go' || !account) return undefined;
    if (is === 'wait') return { is, says, wait: deps.risk.wait };
    if (is === 'stop') return { is, says };
    // Whoever has nothing more to show waits instead: an extra gate must not strand anybody.
    const own = await deps.authenticators.list(deps.storage.db, account.id);
    const rule = ruleFor(deps.rules, account);
    const more = { ...rule, gates: rule.gates + 1, ways: rule.ways + 1 };
    const able = canRecover(more, {
      usable: gatesOf(deps.methods, account, own, clock.now()),
      held: heldGates(deps.methods, account, own, clock.now()),
      mayBeFirst: mayBeFirst(deps.methods),
    });
    return able ? { is, says } : { is: 'wait', says, wait: deps.risk.wait };
  };

  /** `code`: why nobody is there to go on, for reports. */
  const started = (kind: keyof typeof blockersOf, why: string | undefined, { ip }: Origin, code?: string) => ({
    event: `${kind}.started` as const,
    outcome: why ? ('refused' as const) : ('success' as const),
    ip,
    ...(why ? { reason: why } : {}),
    ...(code === undefined ? {} : { detail: { why: code } }),
  });

  const allowedIn = (journey: Journey, { id }: VerificationMethod): boolean => {
    const { methods, also } = ruleOf(deps, journey);
    return methods.includes(id) || also.includes(id);
  };

  const stepOf = (live: Live, challenge: string, ip: string): Step => ({
    flow: live.id,
    challenge,
    now: clock.now(),
    ip,
    language: live.journey.language,
    account: subjectOf(live.journey),
    purpose: live.journey.kind === 'practice' || live.journey.kind === 'sign-in' ? live.journey.kind : 'recovery',
  });

  /** The person's own authenticators for a method, or a stand-in that never matches. */
  const standIns = (live: Live, method: VerificationMethod, own: readonly Authenticator[]) => {
    const { journey } = live;
    const real = usableOf(own, method, clock.now());
    const usable =
      allowedIn(journey, method) && journey.account !== undefined && method.offer(real, journey.account) !== undefined;
    return { real: usable, list: usable ? real : [decoyAuthenticator(keyring, journey.subject, method)] };
  };

  /** The journey that this form belongs to. `known`: just loaded by this token; a save refuses what is no longer so. */
  const at = async (token: string, step: string, known?: Live): Promise<Live | undefined> => {
    const live = known ?? (await store.load(token));
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
  const lastTry = async (live: Live, challenge: string, ip: string, cause?: string): Promise<Advanced> => {
    const done = await move(live, { is: 'voided', because: 'tries', cause }, { ip });
    if (done.is === 'moved') return done;
    const present = await store.loadById(live.id);
    const state = present?.journey.state;
    return present && state?.at === 'answering' && state.challenge === challenge
      ? lastTry(present, challenge, ip, cause)
      : stale;
  };

  /** Somebody else is needed who can't be asked, or who said no: nothing is counted, another way may be chosen. */
  const unanswered = (
    live: Live,
    method: string,
    { is, cause }: { is: 'unavailable' | 'declined'; cause?: string },
    ip: string,
    own: readonly Authenticator[],
  ): Promise<Advanced> => {
    if (is === 'unavailable') deps.log.warn({ method, cause }, 'A way to verify could not be used.');
    return move(live, { is: 'unanswered', method, because: is, cause }, { ip, authenticators: own });
  };

  const challenge = async (
    live: Live,
    methodId: string,
    ip: string,
    known?: readonly Authenticator[],
  ): Promise<Advanced> => {
    const method = deps.methods.get(methodId);
    if (!method) return stale;
    const own = known ?? (await store.authenticatorsOf(live.journey));
    const { real, list } = standIns(live, method, own);
    const id = newId();
    const made = await method.challenge(stepOf(live, id, ip), list);
    if ('is' in made) return unanswered(live, methodId, made, ip, own);
    const messages = made.effects.filter(isMessage);
    let sending = real;
    let withheld: ReadonlySet<string> = new Set();
    if (messages.length > 0) {
      const { identifierKey, subject, sent } = live.journey;
      const earlier = sent[methodId];
      const again = earlier && (earlier.times > deps.resends ? live.expiresAt : earlier.againAt);
      if (again !== undefined && clock.now() < again)
        return move(live, { is: 'held', until: again }, { ip, authenticators: own });
      const destinations = messages.map(({ to }) => to);
      const allowance = await throttle.send({ identifierKey, subject, method: methodId, destinations }, clock.now());
      if (allowance.is === 'wait')
        return move(live, { is: 'held', until: allowance.until }, { ip, authenticators: own });
      sending &&= allowance.send;
      withheld = await deps.phoneCosts.withheld({ messages, subject, flow: live.id, ip, real: sending }, clock.now());
    }
    const event: JourneyEvent = {
      is: 'challenged',
      method: methodId,
      challenge: id,
      pending: made.pending,
      prompt: made.prompt,
      resendAt: clock.now() + deps.lifetimes.resendWait,
      effects: made.effects.map((effect) => (sending && !isWithheld(withheld, effect) ? effect : neverSent(effect))),
    };
    return move(live, event, { ip, authenticators: own });
  };

  return {
    store,

    /** A stranger says who they are. Everything that differs between accounts stays inside. */
    async begin(
      identifier: string,
      language: string,
      origin: Origin,
      kind: 'recovery' | 'unlock' = 'recovery',
    ): Promise<Begun> {
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
      const { journey, against } = await opening(kind, account, identifierKey, language, origin);
      const why = found.is === 'none' ? (found.cause ?? 'No such account.') : against;
      const nobody = found.is === 'found' ? 'account-limit' : 'no-account';
      const { token } = await store.create(journey, started(kind, why, origin, journey.account ? undefined : nobody));
      return { is: 'begun', token };
    },

    /**
     * A stranger whose first answer said itself who they are, and was right: a recovery with that gate passed. `also`: written
     * in the same transaction. @returns undefined when it opens nothing; the audit knows why.
     */
    async beginWith(
      { account, method, verdict, prompt }: FirstGate,
      language: string,
      origin: Origin,
      also: (trx: Trx) => Promise<void>,
    ): Promise<{ token: string } | undefined> {
      const { ip } = origin;
      const { journey, against } = await opening(
        'recovery',
        account,
        identifierKeyOf(keyring, account.username),
        language,
        origin,
      );
      const { live } = await store.create(
        {
          ...journey,
          // Answered before it could be asked: nobody is given the name of this journey before the gate is passed.
          state: {
            at: 'answering',
            method: method.id,
            challenge: newId(),
            pending: {},
            prompt,
            sends: 1,
            resendAt: clock.now(),
          },
        },
        started('recovery', allowedIn(journey, method) ? against : 'The policy does not take it.', origin),
      );
      if (!journey.account || !allowedIn(journey, method)) return undefined;
      const event: JourneyEvent = {
        is: 'verified',
        gate: { method: method.id, ...method.worth, ...verdict.worth },
        effects: verdict.effects,
        replacementCode: undefined,
        tell: verdict.tell,
        ip,
      };
      const moved = await move(live, event, { ip, also });
      return moved.is === 'moved' && moved.token ? { token: moved.token } : undefined;
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
          detail: { why: 'limit' },
        }),
      );
    },

    /** For somebody who is known already: a practice run, the second factor of a sign-in, a lost factor. */
    async beginFor(
      kind: 'practice' | 'sign-in' | 'lost-factor',
      account: Account,
      language: string,
      origin: Origin,
    ): Promise<{ token: string }> {
      // A practice run that ends well must mean that a recovery would, too. A minimum age passes by itself.
      const found = kind === 'practice' ? blockedBy(await deps.directory.preflight(account)) : undefined;
      const passing = found?.why === 'minimum-age' ? undefined : found;
      const blocked = kind === 'sign-in' ? undefined : ((await frozen(account)) ?? (await notOpen(account)) ?? passing);
      const journey = fresh(kind, account, identifierKeyOf(keyring, account.username), language, blocked);
      const { token } = await store.create(journey, { event: `${kind}.started`, outcome: 'success', ip: origin.ip });
      return { token };
    },

    /** Methods that may come next; before the first gate these are the organisation's, not the person's. */
    nextMethods(journey: Journey, own: readonly Authenticator[]) {
      return planOf(deps, journey, own);
    },

    async choose(token: string, step: string, method: string, origin: Origin, known?: Live): Promise<Advanced> {
      const live = await at(token, step, known);
      const state = live?.journey.state;
      // Straight from one way to another ("call me instead"): what was sent before is void.
      const switching = state?.at === 'answering' && state.method !== method;
      if (!live || (state?.at !== 'choosing' && !switching)) return stale;
      const own = await store.authenticatorsOf(live.journey);
      const next = this.nextMethods(live.journey, own);
      if (next.is !== 'gate' || !next.methods.includes(method)) return stale;
      return challenge(live, method, origin.ip, own);
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

    /** The time that risk asked for: before it is over nothing happens. */
    async waited(token: string, step: string, origin: Origin): Promise<Advanced> {
      const live = await at(token, step);
      const state = live?.journey.state;
      if (!live || state?.at !== 'waiting-out' || clock.now() < state.until) return stale;
      return move(live, { is: 'waited' }, { ip: origin.ip });
    },

    async cancel(token: string, step: string, origin: Origin): Promise<Advanced> {
      const live = await at(token, step);
      return live ? move(live, { is: 'cancelled' }, { ip: origin.ip }) : stale;
    },

    /** Counted first, judged then, used up in the same transaction that opens the gate. */
    async answer(token: string, step: string, answer: Answer, origin: Origin, known?: Live): Promise<Advanced> {
      const live = await at(token, step, known);
      const state = live?.journey.state;
      if (!live || state?.at !== 'answering') return stale;
      const method = deps.methods.get(state.method);
      if (!method) return stale;
      const { identifierKey, subject } = live.journey;
      const who = { identifierKey, subject, method: state.method };
      const { ip } = origin;
      const nextToken = store.nextToken(token, origin.heir);
      if (state.prompt.kind === 'wait-for-approval') return this.look(live, method, origin, nextToken);
      const counted = { ...who, challenge: state.challenge, tries: method.tries };
      const attempt = await throttle.attempt(counted, clock.now());
      // Moves nothing: a right answer among the tries that did count may still be on its way.
      if (attempt.is === 'void') return { is: 'spent' };
      if (attempt.is === 'wait') return move(live, { is: 'held', until: attempt.until }, { ip });

      const own = await store.authenticatorsOf(live.journey);
      const { real, list } = standIns(live, method, own);
      const verdict = await method.judge(stepOf(live, state.challenge, ip), list, state.pending, answer);
      const trusted = real && !attempt.muted;
      if (verdict.is === 'verified' && trusted) {
        const event: JourneyEvent = {
          is: 'verified',
          gate: { method: method.id, ...method.worth, ...verdict.worth },
          effects: verdict.effects,
          replacementCode: verdict.show?.replacementCode,
          tell: verdict.tell,
          ip,
        };
        const also = async (trx: Trx) => {
          await throttle.forgive(trx, who);
          await deps.phoneCosts.answered(trx, state.pending, clock.now());
        };
        return move(live, event, { ip, authenticators: own, also, nextToken });
      }
      if (verdict.is === 'unavailable' || verdict.is === 'declined') {
        await throttle.giveBack(counted);
        return unanswered(live, method.id, verdict, ip, own);
      }
      const cause = verdict.is === 'mismatch' ? verdict.cause : undefined;
      if (real && verdict.is === 'mismatch' && verdict.alarm) await this.alarm(subject, verdict, ip, live.id);
      if (attempt.disable && real) await this.disable(live.journey, list, own, ip, live.id);
      if (verdict.is === 'expired')
        return move(live, { is: 'voided', because: 'expired' }, { ip, authenticators: own });
      if (attempt.triesLeft === 0) return lastTry(live, state.challenge, ip, cause);
      return move(live, { is: 'mismatched', triesLeft: attempt.triesLeft, cause }, { ip, authenticators: own });
    },

    /** Whether looking again would show something new. */
    async answered(token: string): Promise<boolean> {
      const live = await store.load(token);
      const state = live?.journey.state;
      if (!live || state?.at !== 'answering' || state.prompt.kind !== 'wait-for-approval') return true;
      const method = deps.methods.get(state.method);
      if (!method) return true;
      const { list } = standIns(live, method, await store.authenticatorsOf(live.journey));
      const { is } = await method.judge(stepOf(live, state.challenge, ''), list, state.pending, {});
      return is !== 'waiting' && !(is === 'declined' && isAnonymous(live.journey));
    },

    /** Has somebody else answered by now? There is nothing to guess here, so looking is free. */
    async look(live: Live, method: VerificationMethod, { ip }: Origin, nextToken?: string): Promise<Advanced> {
      const { state } = live.journey;
      if (state.at !== 'answering') return stale;
      const own = await store.authenticatorsOf(live.journey);
      const { real, list } = standIns(live, method, own);
      const verdict = await method.judge(stepOf(live, state.challenge, ip), list, state.pending, {});
      if (verdict.is === 'verified' && real) {
        const gate = { method: method.id, ...method.worth, ...verdict.worth };
        const event: JourneyEvent = {
          is: 'verified',
          gate,
          effects: verdict.effects,
          replacementCode: undefined,
          tell: verdict.tell,
          ip,
        };
        return move(live, event, { ip, authenticators: own, nextToken });
      }
      if (verdict.is === 'expired' || verdict.is === 'mismatch')
        return move(live, { is: 'voided', because: 'expired' }, { ip, authenticators: own });
      // A stranger is not told that somebody said no: nobody is there to say it for an unknown account.
      if (verdict.is === 'declined' && !isAnonymous(live.journey)) return unanswered(live, method.id, verdict, ip, own);
      return move(live, { is: 'still-waiting' }, { ip, authenticators: own });
    },

    /** A wrong answer that only the real thing, or its copy, could give. */
    async alarm(accountId: string, { alarm, cause }: { alarm?: string; cause?: string }, ip: string, flow?: string) {
      const incident = { accountId, kind: alarm ?? '', says: cause ?? '', ip, ...(flow ? { flow } : {}) };
      await deps.storage.transaction((trx) => openIncident(deps, trx, incident));
      deps.outbox.nudge();
    },

    /** N-24: too many failures in a row. The authenticator must be bound again; the directory account is untouched. */
    async disable(
      { account, language, subject }: Pick<Journey, 'account' | 'language' | 'subject'>,
      authenticators: readonly Authenticator[],
      own: readonly Authenticator[],
      ip: string,
      flow?: string,
    ): Promise<void> {
      const now = clock.now();
      const method = authenticators[0]?.method ?? '';
      const told = account
        ? notices(own, 'factor-removed-notice', { ...account, language }, now, { method, ip })
        : noNotices;
      await deps.storage
        .transaction(async (trx) => {
          for (const one of authenticators)
            await deps.authenticators.update(trx, one.id, one.version, { disabledAt: now });
          await commitEffects(deps, trx, told.effects, [
            {
              event: 'authenticator.disabled',
              outcome: 'success',
              actor: 'system',
              subject,
              ip,
              method,
              reason: 'Too many failures in a row.',
              ...(flow ? { flow } : {}),
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
