/**
 * Adding and removing ways to verify. Needs a session whose proof is fresh; every change is told to all confirmed
 * addresses, the one just removed included.
 */

import type { AuditRecord } from '../../audit/audit.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { Account, Authenticator } from '../../kernel/account.ts';
import { minutes } from '../../kernel/clock.ts';
import { type Effect, isMessage } from '../../kernel/effect.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Prompt } from '../../kernel/prompt.ts';
import { newId } from '../../kernel/random.ts';
import { maskDestination } from '../../methods/mask.ts';
import type { Answer, Enrolment, InvalidInput, Step } from '../../methods/method.ts';
import { ruleFor } from '../../policy/rules.ts';
import { StaleWrite } from '../../storage/failure.ts';
import * as people from '../../storage/repositories/people.ts';
import type { StoredSession } from '../../storage/repositories/sessions.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import { identifierKeyOf } from '../identifier.ts';
import { mailLanguage } from '../mail-language.ts';
import { notices } from '../notices.ts';
import { gatesOf, heldGates, lasting, mayBeFirst, offeredGates } from '../usable.ts';
import { canRecover, type Overview, overview } from './overview.ts';
import { settlingOf } from './settling.ts';
import type { Enrolling } from './states.ts';

export interface Person {
  /** The cookie's value. */
  token: string;
  session: StoredSession;
  account: Account;
  language: string;
}

export type EnrolmentStep =
  | { is: 'ask'; prompt: Prompt }
  | { is: 'confirm'; enrolling: Enrolling }
  | InvalidInput
  /** Nobody has answered yet (a contact): look again. */
  | { is: 'waiting'; enrolling: Enrolling }
  | { is: 'added' }
  | { is: 'wait'; until: number }
  /** The proof is older than the step-up time: sign in again first. */
  | { is: 'prove-first' }
  /** The code came too late or was wrong too often: what was under way is gone. */
  | { is: 'void' }
  /** Who is needed for it can't be asked now, or it was broken off there. Nothing was counted. */
  | { is: 'unavailable' | 'declined' }
  /** No phase of the roll-out is open for them. */
  | { is: 'not-open' }
  /** Nothing of that kind is under way (a second tab). */
  | { is: 'stale' };

const LIFETIME = minutes(30);

const hasMail = (own: readonly Authenticator[]): boolean => own.some(({ method }) => method === 'email');

export type EnrolmentService = ReturnType<typeof createEnrolmentService>;

export function createEnrolmentService(deps: FlowDeps) {
  const { storage, flows, clock, throttle, authenticators } = deps;
  const flowToken = (person: Person) => `enrolment:${person.token}`;
  const speaks = (person: Person) => mailLanguage(deps.languages, person.account, person.language);
  const isFresh = (person: Person) => clock.now() - person.session.provedAt <= deps.lifetimes.stepUp;

  const record = (person: Person, origin: Origin, event: AuditEvent, method: string): AuditRecord => ({
    event,
    outcome: 'success',
    actor: person.account.id,
    subject: person.account.id,
    ip: origin.ip,
    method,
  });

  const stepOf = (person: Person, flow: string, challenge: string): Step => ({
    flow,
    challenge,
    now: clock.now(),
    language: speaks(person),
    account: person.account,
    purpose: 'enrolment',
  });

  const under = async (person: Person) => {
    const stored = await flows.findByToken(storage.db, flowToken(person));
    const live = stored && stored.endedAt === undefined && clock.now() <= stored.expiresAt;
    return live ? { stored, enrolling: stored.state as unknown as Enrolling } : undefined;
  };

  const save = async (person: Person, id: string, enrolling: Enrolling, effects: Effect[], audit: AuditRecord[]) => {
    const now = clock.now();
    await storage.transaction(async (trx) => {
      // One enrolment per session: an older one, finished or not, makes room.
      await flows.remove(trx, person.account.id, 'enrolment');
      await flows.create(trx, {
        id,
        kind: 'enrolment',
        token: flowToken(person),
        subject: person.account.id,
        state: enrolling as unknown as JsonObject,
        createdAt: now,
        expiresAt: now + LIFETIME,
      });
      await commitEffects(deps, trx, effects, audit);
    });
    deps.outbox.nudge();
  };

  /** `bound`: what is added just now. A changed address is told of at the old ones and at the new one; a first one has nobody to tell. */
  const told = async (
    person: Person,
    origin: Origin,
    template: string,
    method: string,
    bound: readonly Effect[] = [],
  ): Promise<Effect[]> => {
    const before = await authenticators.list(storage.db, person.account.id);
    const more = bound.flatMap((effect): Authenticator[] =>
      effect.kind === 'add-authenticator' && effect.authenticator.method === 'email' && hasMail(before)
        ? [{ ...effect.authenticator, version: 0, createdAt: 0, lastUsedAt: undefined, disabledAt: undefined }]
        : [],
    );
    return notices([...before, ...more], template, { ...person.account, language: speaks(person) }, clock.now(), {
      method,
      ip: origin.ip,
    }).effects;
  };

  /** Whether another account has it already. */
  const taken = async (person: Person, lookup: string): Promise<boolean> =>
    (await authenticators.findByLookup(storage.db, lookup)).some(({ accountId }) => accountId !== person.account.id);

  /** A mailbox may be shared by a family; a number only where policy says so; a key or a linked account never. */
  const mustBeOwn = (lookup: string): boolean =>
    !lookup.startsWith('mail:') && (!lookup.startsWith('phone:') || deps.contacts.sharedPhone === 'refuse');

  /** What was under way can't be confirmed any more, so it makes room for a fresh start. */
  const voided = async (person: Person, origin: Origin, method: string, reason: string): Promise<EnrolmentStep> => {
    await storage.transaction(async (trx) => {
      await flows.remove(trx, person.account.id, 'enrolment');
      await deps.audit.append(trx, {
        ...record(person, origin, 'enrolment.failed', method),
        outcome: 'failure',
        reason,
      });
    });
    return { is: 'void' };
  };

  const unavailable = (method: string, cause: string): EnrolmentStep => {
    deps.log.warn({ method, cause }, 'A way to verify could not be added.');
    return { is: 'unavailable' };
  };

  const start = async (
    person: Person,
    method: { id: string; enrolment: Enrolment },
    input: Answer,
    origin: Origin,
  ): Promise<EnrolmentStep> => {
    const id = newId();
    const challenge = newId();
    const own = await authenticators.list(storage.db, person.account.id);
    const existing = own.filter((one) => one.method === method.id);
    const made = await method.enrolment.begin(stepOf(person, id, challenge), person.account, input, existing);
    if ('is' in made && made.is === 'unavailable') return unavailable(method.id, made.cause);
    if ('is' in made) return made;
    if (made.binds && (await taken(person, made.binds)) && mustBeOwn(made.binds))
      return { is: 'invalid', why: 'shared' };
    const messages = made.effects.filter(isMessage);
    const destinations = messages.map(({ to }) => to);
    if (destinations.length > 0) {
      const subject = person.account.id;
      const limited = { identifierKey: subject, subject, method: `enrol-${method.id}`, destinations };
      const allowance = await throttle.send(limited, clock.now());
      if (allowance.is === 'wait') return allowance;
      const withheld = allowance.send
        ? (await deps.phoneCosts.withheld({ messages, subject, ip: origin.ip, real: true }, clock.now())).size > 0
        : true;
      if (withheld) return { is: 'wait', until: clock.now() + minutes(60) };
    }
    const enrolling: Enrolling = {
      method: method.id,
      challenge,
      pending: made.pending,
      prompt: made.prompt,
      sentTo: destinations[0] && maskDestination(destinations[0]),
    };
    await save(person, id, enrolling, made.effects, [record(person, origin, 'enrolment.begun', method.id)]);
    return { is: 'confirm', enrolling };
  };

  /** What a person has and could use, without what somebody else makes for one journey. */
  const lastingGates = ({ account }: Person, own: readonly Authenticator[]) => ({
    usable: lasting(deps.methods, gatesOf(deps.methods, account, own, clock.now())),
    held: lasting(deps.methods, heldGates(deps.methods, account, own, clock.now())),
    mayBeFirst: mayBeFirst(deps.methods),
  });

  const enrollable = (methodId: string) => {
    const method = deps.methods.get(methodId);
    return method?.enrolment ? { id: method.id, worth: method.worth, enrolment: method.enrolment } : undefined;
  };

  const isOpen = async ({ account }: Person): Promise<boolean> => (await deps.admission?.isOpen(account)) !== false;

  /** The question, with what the organisation knows filled in. */
  const questionOf = async (person: Person, methodId: string): Promise<Prompt | undefined> => {
    const prompt = enrollable(methodId)?.enrolment.ask?.(person.account);
    if (prompt?.kind !== 'enter-address') return prompt;
    const suggestion = await deps.admission?.suggestion(person.account.id, methodId);
    return suggestion === undefined ? prompt : { ...prompt, suggestion };
  };

  return {
    isFresh,
    isOpen,

    async overview(person: Person): Promise<Overview> {
      const own = await authenticators.list(storage.db, person.account.id);
      const known = await people.find(storage.db, person.account.id);
      const now = clock.now();
      return overview({
        confirmedAt: known?.confirmedAt,
        frozen: known?.frozenAt !== undefined,
        reconfirmAfter: deps.contacts.reconfirmAfter,
        account: person.account,
        authenticators: own,
        ...lastingGates(person, own),
        offered: offeredGates(deps.methods).filter(({ method }) => deps.methods.get(method)?.enrolment !== undefined),
        rule: ruleFor(deps.rules, person.account),
        enrollable: [...deps.methods.values()].filter(({ enrolment }) => enrolment !== undefined),
        now,
      });
    },

    /** Whether the person, who could get back in today, could not without this one. */
    async wouldStrand(person: Person, authenticatorId: string): Promise<boolean> {
      const own = await authenticators.list(storage.db, person.account.id);
      const rule = ruleFor(deps.rules, person.account);
      const stuck = (left: readonly Authenticator[]) => !canRecover(rule, lastingGates(person, left));
      return !stuck(own) && stuck(own.filter(({ id }) => id !== authenticatorId));
    },

    /** What is asked first, if anything. */
    question: (person: Person, methodId: string): Prompt | undefined =>
      enrollable(methodId)?.enrolment.ask?.(person.account),

    /** First page of adding a method: a question, or straight the challenge. */
    async open(person: Person, methodId: string, origin: Origin): Promise<EnrolmentStep> {
      const method = enrollable(methodId);
      if (!method) return { is: 'stale' };
      if (!(await isOpen(person))) return { is: 'not-open' };
      if (!isFresh(person)) return { is: 'prove-first' };
      const prompt = await questionOf(person, methodId);
      return prompt ? { is: 'ask', prompt } : start(person, method, {}, origin);
    },

    async begin(person: Person, methodId: string, input: Answer, origin: Origin): Promise<EnrolmentStep> {
      const method = enrollable(methodId);
      if (!method) return { is: 'stale' };
      if (!(await isOpen(person))) return { is: 'not-open' };
      if (!isFresh(person)) return { is: 'prove-first' };
      return start(person, method, input, origin);
    },

    /** What is under way, for a page that is loaded again. */
    async current(person: Person, methodId: string): Promise<Enrolling | undefined> {
      const found = await under(person);
      return found?.enrolling.method === methodId ? found.enrolling : undefined;
    },

    /** Starts over, for example with another address. */
    async forget(person: Person): Promise<void> {
      await flows.remove(storage.db, person.account.id, 'enrolment');
    },

    async confirm(person: Person, methodId: string, answer: Answer, origin: Origin): Promise<EnrolmentStep> {
      const found = await under(person);
      const method = enrollable(methodId);
      if (!method || found?.enrolling.method !== methodId) return { is: 'stale' };
      const { stored, enrolling } = found;
      const subject = person.account.id;
      const who = { identifierKey: subject, subject, method: `enrol-${methodId}` };
      const own = await authenticators.list(storage.db, subject);
      const existing = own.filter((one) => one.method === methodId);
      const counted = { ...who, challenge: enrolling.challenge };
      const attempt = await throttle.attempt(counted, clock.now());
      if (attempt.is === 'wait') return attempt;
      if (attempt.is === 'void') return voided(person, origin, methodId, 'tries');
      const verdict = await method.enrolment.confirm(
        stepOf(person, stored.id, enrolling.challenge),
        enrolling.pending,
        answer,
        existing,
      );
      // Nothing was guessed: looking whether a contact has agreed, or what only another site can answer.
      if (['waiting', 'unavailable', 'declined'].includes(verdict.is)) await throttle.giveBack(counted);
      if (verdict.is === 'unavailable') return unavailable(methodId, verdict.cause);
      if (verdict.is === 'declined') {
        await voided(person, origin, methodId, verdict.cause ?? 'declined');
        return { is: 'declined' };
      }
      if (verdict.is === 'expired') return voided(person, origin, methodId, 'expired');
      if (verdict.is === 'mismatch' && attempt.triesLeft === 0) return voided(person, origin, methodId, 'tries');
      if (verdict.is === 'mismatch') {
        await storage.transaction((trx) =>
          deps.audit.append(trx, {
            ...record(person, origin, 'enrolment.failed', methodId),
            outcome: 'failure',
            ...(verdict.cause ? { reason: verdict.cause } : {}),
          }),
        );
        return {
          is: 'confirm',
          enrolling: { ...enrolling, problem: { is: 'mismatch', triesLeft: attempt.triesLeft } },
        };
      }
      if (verdict.is === 'waiting') return { is: 'waiting', enrolling };
      if (verdict.is === 'invalid') return verdict;
      const settlesAt = await settlingOf(deps, person.account.id, method.worth.channel);
      const effects = verdict.effects.map((effect) =>
        effect.kind === 'add-authenticator' && settlesAt !== undefined
          ? { ...effect, authenticator: { ...effect.authenticator, settlesAt } }
          : effect,
      );
      const lookups = effects.flatMap((effect) =>
        effect.kind === 'add-authenticator' && effect.authenticator.lookup ? [effect.authenticator.lookup] : [],
      );
      const shared: string[] = [];
      for (const lookup of lookups) if (await taken(person, lookup)) shared.push(lookup);
      if (shared.some(mustBeOwn)) return { is: 'invalid', why: 'shared' };
      const notice =
        verdict.effects.length > 0 ? await told(person, origin, 'factor-added-notice', methodId, effects) : [];
      try {
        await storage.transaction(async (trx) => {
          await flows.save(trx, stored.id, stored.version, { state: {}, seenAt: clock.now(), endedAt: clock.now() });
          await throttle.forgive(trx, who);
          // Failures of what was bound before don't count against what is bound now.
          const identifierKey = identifierKeyOf(deps.keyring, person.account.username);
          const bound = [...deps.methods.values()].filter(
            ({ id, serves }) => id === methodId || serves?.includes(methodId),
          );
          if (verdict.effects.length > 0)
            for (const { id } of bound) await throttle.forgive(trx, { identifierKey, subject, method: id });
          await deps.phoneCosts.answered(trx, enrolling.pending, clock.now());
          await commitEffects(
            deps,
            trx,
            [...effects, ...notice],
            [
              ...(effects.length > 0 ? [record(person, origin, 'enrolment.added', methodId)] : []),
              ...(shared.some((lookup) => lookup.startsWith('phone:'))
                ? [record(person, origin, 'enrolment.shared', methodId)]
                : []),
            ],
          );
          if (effects.length > 0) await people.enrolled(trx, person.account, clock.now());
        });
      } catch (error) {
        if (error instanceof StaleWrite) return { is: 'stale' };
        throw error;
      }
      deps.outbox.nudge();
      return { is: 'added' };
    },

    /** The person's own name for a way. An address keeps its masked self. */
    async rename(
      person: Person,
      authenticatorId: string,
      name: string,
      origin: Origin,
    ): Promise<{ is: 'renamed' | 'missing' | 'stale' }> {
      const label = name.trim().slice(0, 60);
      if (label === '') return { is: 'missing' };
      const own = await authenticators.list(storage.db, person.account.id);
      const one = own.find(({ id }) => id === authenticatorId);
      if (!one) return { is: 'stale' };
      await storage.transaction((trx) =>
        commitEffects(
          deps,
          trx,
          [{ kind: 'update-authenticator', id: one.id, version: one.version, change: { label } }],
          [record(person, origin, 'enrolment.renamed', one.method)],
        ),
      );
      return { is: 'renamed' };
    },

    /** "Everything is still right" (NIST N-35). */
    async reconfirm(person: Person, origin: Origin): Promise<void> {
      const { method: _, ...said } = record(person, origin, 'enrolment.confirmed', '');
      await storage.transaction(async (trx) => {
        await people.confirmed(trx, person.account, clock.now());
        await deps.audit.append(trx, said);
      });
    },

    async remove(person: Person, authenticatorId: string, origin: Origin): Promise<EnrolmentStep | { is: 'removed' }> {
      if (!isFresh(person)) return { is: 'prove-first' };
      const own = await authenticators.list(storage.db, person.account.id);
      const one = own.find(({ id }) => id === authenticatorId);
      if (!one) return { is: 'stale' };
      const notice = await told(person, origin, 'factor-removed-notice', one.method);
      await storage.transaction(async (trx) => {
        const effects: Effect[] = [{ kind: 'remove-authenticator', id: one.id }, ...notice];
        await commitEffects(deps, trx, effects, [record(person, origin, 'enrolment.removed', one.method)]);
      });
      deps.outbox.nudge();
      return { is: 'removed' };
    },
  };
}
