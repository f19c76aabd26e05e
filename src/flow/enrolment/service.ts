/**
 * Adding and removing ways to verify. Needs a session whose proof is fresh; every change is told to all confirmed
 * addresses, the one just removed included.
 */

import type { AuditRecord } from '../../audit/audit.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { Account, Authenticator } from '../../kernel/account.ts';
import { minutes } from '../../kernel/clock.ts';
import type { Effect } from '../../kernel/effect.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Prompt } from '../../kernel/prompt.ts';
import { newId } from '../../kernel/random.ts';
import { maskAddress } from '../../methods/mask.ts';
import type { Answer, Step, VerificationMethod } from '../../methods/method.ts';
import { plan } from '../../policy/plan.ts';
import { StaleWrite } from '../../storage/failure.ts';
import type { StoredSession } from '../../storage/repositories/sessions.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps, Origin } from '../deps.ts';
import { identifierKeyOf } from '../identifier.ts';
import { usableMethods } from '../journey/store.ts';
import { mailLanguage } from '../mail-language.ts';
import { notices } from '../notices.ts';
import { type Overview, overview } from './overview.ts';
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
  | { is: 'invalid'; why: 'address' | 'same' }
  | { is: 'added' }
  | { is: 'wait'; until: number }
  /** The proof is older than the step-up time: sign in again first. */
  | { is: 'prove-first' }
  /** The code came too late or was wrong too often: what was under way is gone. */
  | { is: 'void' }
  /** Nothing of that kind is under way (a second tab). */
  | { is: 'stale' };

const LIFETIME = minutes(30);

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

  const told = async (person: Person, origin: Origin, template: string, method: string): Promise<Effect[]> => {
    const before = await authenticators.list(storage.db, person.account.id);
    return notices(
      before,
      template,
      { language: speaks(person), displayName: person.account.displayName },
      clock.now(),
      { method, ip: origin.ip },
    ).effects;
  };

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

  const start = async (
    person: Person,
    method: VerificationMethod,
    input: Answer,
    origin: Origin,
  ): Promise<EnrolmentStep> => {
    const id = newId();
    const challenge = newId();
    const made = await method.enrolment.begin(stepOf(person, id, challenge), person.account, input);
    if ('is' in made) return made;
    const mails = made.effects.filter((effect) => effect.kind === 'send-mail');
    const destinations = mails.map(({ to }) => to);
    if (destinations.length > 0) {
      const subject = person.account.id;
      const limited = { identifierKey: subject, subject, method: `enrol-${method.id}`, destinations };
      const allowance = await throttle.send(limited, clock.now());
      if (allowance.is === 'wait') return allowance;
      if (!allowance.send) return { is: 'wait', until: clock.now() + minutes(60) };
    }
    const enrolling: Enrolling = {
      method: method.id,
      challenge,
      pending: made.pending,
      prompt: made.prompt,
      sentTo: destinations[0] && maskAddress(destinations[0]),
    };
    await save(person, id, enrolling, made.effects, [record(person, origin, 'enrolment.begun', method.id)]);
    return { is: 'confirm', enrolling };
  };

  return {
    isFresh,

    async overview(person: Person): Promise<Overview> {
      const own = await authenticators.list(storage.db, person.account.id);
      return overview(person.account, own, usableMethods(deps, own), deps.policy, [...deps.methods.keys()]);
    },

    /** Whether the person, who could get back in today, could not without this one. */
    async wouldStrand(person: Person, authenticatorId: string): Promise<boolean> {
      const own = await authenticators.list(storage.db, person.account.id);
      const stuck = (left: readonly Authenticator[]) =>
        plan({ policy: deps.policy, passed: [], usable: usableMethods(deps, left) }).is === 'stuck';
      return !stuck(own) && stuck(own.filter(({ id }) => id !== authenticatorId));
    },

    /** First page of adding a method: a question, or straight the challenge. */
    async open(person: Person, methodId: string, origin: Origin): Promise<EnrolmentStep> {
      const method = deps.methods.get(methodId);
      if (!method) return { is: 'stale' };
      if (!isFresh(person)) return { is: 'prove-first' };
      const prompt = method.enrolment.ask?.(person.account);
      return prompt ? { is: 'ask', prompt } : start(person, method, {}, origin);
    },

    async begin(person: Person, methodId: string, input: Answer, origin: Origin): Promise<EnrolmentStep> {
      const method = deps.methods.get(methodId);
      if (!method) return { is: 'stale' };
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
      const method = deps.methods.get(methodId);
      if (!method || found?.enrolling.method !== methodId) return { is: 'stale' };
      const { stored, enrolling } = found;
      const subject = person.account.id;
      const who = { identifierKey: subject, subject, method: `enrol-${methodId}` };
      const attempt = await throttle.attempt({ ...who, challenge: enrolling.challenge }, clock.now());
      if (attempt.is === 'wait') return attempt;
      if (attempt.is === 'void') return voided(person, origin, methodId, 'tries');
      const own = await authenticators.list(storage.db, subject);
      const existing = own.filter((one) => one.method === methodId);
      const verdict = await method.enrolment.confirm(
        stepOf(person, stored.id, enrolling.challenge),
        enrolling.pending,
        answer,
        existing,
      );
      if (verdict.is === 'expired') return voided(person, origin, methodId, 'expired');
      if (verdict.is === 'mismatch' && attempt.triesLeft === 0) return voided(person, origin, methodId, 'tries');
      if (verdict.is === 'mismatch') {
        await storage.transaction((trx) =>
          deps.audit.append(trx, { ...record(person, origin, 'enrolment.failed', methodId), outcome: 'failure' }),
        );
        return {
          is: 'confirm',
          enrolling: { ...enrolling, problem: { is: 'mismatch', triesLeft: attempt.triesLeft } },
        };
      }
      const notice = verdict.effects.length > 0 ? await told(person, origin, 'factor-added-notice', methodId) : [];
      try {
        await storage.transaction(async (trx) => {
          await flows.save(trx, stored.id, stored.version, { state: {}, seenAt: clock.now(), endedAt: clock.now() });
          await throttle.forgive(trx, who);
          // Failures of what was bound before don't count against what is bound now.
          const identifierKey = identifierKeyOf(deps.keyring, person.account.username);
          if (verdict.effects.length > 0) await throttle.forgive(trx, { identifierKey, subject, method: methodId });
          await commitEffects(
            deps,
            trx,
            [...verdict.effects, ...notice],
            verdict.effects.length > 0 ? [record(person, origin, 'enrolment.added', methodId)] : [],
          );
        });
      } catch (error) {
        if (error instanceof StaleWrite) return { is: 'stale' };
        throw error;
      }
      deps.outbox.nudge();
      return { is: 'added' };
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
