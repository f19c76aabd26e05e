/**
 * Keeps strangers from spending the organisation's money on texts and calls (A14), counted in the database, so that no restart
 * and no second node forgets: only countries that the operator named, so many messages a day, and nothing to blocks of
 * neighbouring numbers or to ranges whose codes hardly anybody types in. Whoever asks can't tell that nothing was sent.
 */
import { days, hours } from '../kernel/clock.ts';
import { isMessage, type Message, type PlaceCall, type SendText } from '../kernel/effect.ts';
import type { JsonObject } from '../kernel/json.ts';
import { countryOfPhone, type E164 } from '../kernel/phone.ts';
import * as counters from '../storage/repositories/counters.ts';
import type { Executor } from '../storage/storage.ts';
import type { FlowDeps } from './deps.ts';
import { openIncident } from './incident.ts';

export interface PhoneCostSettings {
  /** ISO 3166-1 */
  countries: readonly string[];
  /** Texts and calls, all people together. */
  budgetPerDay: number;
  /** Different numbers that share all but the last two digits. */
  neighboursPerHour: number;
  /** Codes to one range (country code and what follows, five digits) before at least one in ten must have come back. */
  unansweredPerHour: number;
}

export interface Spending {
  messages: readonly Message[];
  subject: string;
  flow?: string;
  ip?: string;
  /** False for stand-ins and for what a limit stopped already: the same work, counted elsewhere. */
  real: boolean;
}

/** In what an operator reads. */
type Why = 'country' | 'neighbours' | 'unanswered' | 'budget';

export type PhoneCosts = ReturnType<typeof createPhoneCosts>;

const ALARM = 0.8;
const ANSWERED = 0.1;

const blockOf = (to: string): string => to.slice(0, -2);
const rangeOf = (to: string): string => to.slice(0, 6);

const costs = (message: Message): message is SendText | PlaceCall => message.kind !== 'send-mail';

type Deps = Pick<FlowDeps, 'storage' | 'keyring' | 'audit' | 'alerts' | 'outbox' | 'clock' | 'log'>;

export function createPhoneCosts(deps: Deps, settings: PhoneCostSettings) {
  const { storage, keyring } = deps;
  // No number stands in the database in clear.
  const key = (limit: string, real: boolean, ...parts: string[]) =>
    `${limit}:${keyring.mac('phone-costs', limit, String(real), ...parts)}`;
  const hit = (name: string, limit: number, windowMs: number, now: number) =>
    counters.hit(storage.db, name, { limit, windowMs }, now);
  const once = async (name: string, now: number): Promise<boolean> =>
    (await hit(key('texts-told', true, name), 1, days(1), now)).allowed;

  /** Audit and incident, the latter once a day for each kind: a flood of alarms would be one more attack. */
  const tell = async (
    event: 'texts.budget' | 'texts.withheld',
    kind: string,
    says: string,
    about: Partial<Spending>,
  ) => {
    const { subject, flow, ip } = about;
    const incident = await once(kind, deps.clock.now());
    await storage.transaction(async (trx) => {
      if (incident) await openIncident(deps, trx, { accountId: 'system', kind, says });
      await deps.audit.append(trx, {
        event,
        outcome: 'refused',
        actor: 'system',
        reason: says,
        ...(subject === undefined ? {} : { subject }),
        ...(flow === undefined ? {} : { flow }),
        ...(ip === undefined ? {} : { ip }),
      });
    });
    if (incident) deps.outbox.nudge();
    else deps.log.warn({ kind }, says);
  };

  /** One more message of today. */
  const withinBudget = async (real: boolean, now: number): Promise<boolean> => {
    const { allowed, count } = await hit(key('texts-budget', real), settings.budgetPerDay, days(1), now);
    if (!real) return true;
    if (count === Math.ceil(settings.budgetPerDay * ALARM))
      await tell(
        'texts.budget',
        'texts-budget-alarm',
        `${count} of the ${settings.budgetPerDay} texts and calls of a day are sent.`,
        {},
      );
    if (count === settings.budgetPerDay + 1)
      await tell(
        'texts.budget',
        'texts-budget-spent',
        `All ${settings.budgetPerDay} texts and calls of a day are sent; nothing more is, until a day after the first one.`,
        {},
      );
    return allowed;
  };

  /** Many different numbers of one block: nobody's people, but a range that somebody rents and earns with. */
  const hasNeighbours = async (to: string, real: boolean, now: number): Promise<boolean> => {
    const number = key('texts-number', real, to);
    const known = (await hit(number, 1, hours(1), now)).count > 1;
    if (known) return false;
    const block = await hit(key('texts-block', real, blockOf(to)), settings.neighboursPerHour, hours(1), now);
    if (block.allowed) return false;
    // Not seen, so that it is no known number the next time.
    await counters.clear(storage.db, number);
    return true;
  };

  /** Codes go there, but hardly one is typed in. */
  const isUnanswered = async (to: string, real: boolean, now: number): Promise<boolean> => {
    const sent = await hit(key('texts-sent', real, rangeOf(to)), settings.unansweredPerHour, hours(1), now);
    const answered = await counters.count(storage.db, key('texts-answered', real, rangeOf(to)), now);
    return !sent.allowed && answered < sent.count * ANSWERED;
  };

  const refusal = async (to: string, real: boolean, now: number): Promise<Why | undefined> => {
    const country = countryOfPhone(to as E164);
    if (real && (country === undefined || !settings.countries.includes(country))) return 'country';
    if (await hasNeighbours(to, real, now)) return 'neighbours';
    if (await isUnanswered(to, real, now)) return 'unanswered';
    return (await withinBudget(real, now)) ? undefined : 'budget';
  };

  const SAYS: Record<Exclude<Why, 'budget'>, (to: string) => string> = {
    country: (to) =>
      `A number of ${countryOfPhone(to as E164) ?? 'no country'} is kept, which texts.countries does not list.`,
    neighbours: (to) =>
      `More than ${settings.neighboursPerHour} numbers that differ in their last two digits only, and begin with ${rangeOf(to)}, were to get a code within an hour.`,
    unanswered: (to) =>
      `More than ${settings.unansweredPerHour} codes went to numbers that begin with ${rangeOf(to)} within an hour, and hardly one was typed in.`,
  };

  return {
    /** Numbers that get nothing. Counted before anything is written, so that a refused request still counts. */
    async withheld(spending: Spending, now: number): Promise<ReadonlySet<string>> {
      const { messages, real } = spending;
      const refused = new Set<string>();
      for (const { to } of messages.filter(costs)) {
        const why = await refusal(to, real, now);
        if (why === undefined || !real) continue;
        refused.add(to);
        if (why !== 'budget') await tell('texts.withheld', `texts-${why}`, SAYS[why](to), spending);
      }
      return refused;
    },

    /** A notice is about to leave: it never looks like fraud, but it costs. */
    notice: (now: number): Promise<boolean> => withinBudget(true, now),

    /** A code came back. `pending`: of its challenge, which knows the numbers. */
    async answered(ex: Executor, pending: JsonObject, now: number): Promise<void> {
      const numbers = Array.isArray(pending['numbers']) ? pending['numbers'] : [];
      for (const to of numbers)
        await counters.hit(
          ex,
          key('texts-answered', true, rangeOf(String(to))),
          { limit: Number.MAX_SAFE_INTEGER, windowMs: hours(1) },
          now,
        );
    },
  };
}

/** Leaves out what is withheld: it costs what a message costs up to the outbox, and is too late there. */
export const isWithheld = (withheld: ReadonlySet<string>, effect: Parameters<typeof isMessage>[0]): boolean =>
  isMessage(effect) && withheld.has(effect.to);
