/**
 * Reminder campaigns: who is reminded, when, how often, and when that ends. Sent through the outbox in small portions, outside
 * of quiet hours; claim and message are one transaction, so that a person gets one reminder a round with any number of nodes.
 */
import type { Audit, AuditRecord } from '../audit/audit.ts';
import type { Directory } from '../directory/directory.ts';
import { mailLanguage } from '../flow/mail-language.ts';
import type { Account } from '../kernel/account.ts';
import { type Clock, days, hours, minutes, seconds } from '../kernel/clock.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { createLanes } from '../kernel/lanes.ts';
import { newId } from '../kernel/random.ts';
import type { Outbox } from '../outbox/outbox.ts';
import * as store from '../storage/repositories/campaigns.ts';
import { createPreRegistrations } from '../storage/repositories/pre-registrations.ts';
import * as readiness from '../storage/repositories/readiness.ts';
import type { Storage, Trx } from '../storage/storage.ts';
import type { Admission } from './admission.ts';
import { audienceOf, readCursor, type Turn, writeCursor } from './audience.ts';
import { optOutToken } from './opt-out.ts';
import { createQuiet, type QuietHours } from './quiet-hours.ts';

export type { Campaign } from '../storage/repositories/campaigns.ts';

export interface CampaignDeps {
  storage: Storage;
  directory: Pick<Directory, 'load'>;
  outbox: Pick<Outbox, 'enqueue' | 'nudge'>;
  audit: Audit;
  clock: Clock;
  keyring: Keyring;
  admission: Pick<Admission, 'isOpen'>;
  /** Languages that mails can be written in, the preferred one first. */
  languages: readonly string[];
  quietHours: QuietHours;
  perMinute: number;
  timeZone: string;
  log: { warn(detail: object, message: string): void };
}

export interface NewCampaign {
  name: string;
  who: store.Campaign['who'];
  groups: readonly string[];
  texts: Readonly<Record<string, string>>;
  everyDays: number;
  most: number;
  /** ms */
  startsAt: number;
}

export type CampaignFault = 'name' | 'every-days' | 'most' | 'text' | 'groups' | 'starts-at';

/** How often a node looks, and the least time between two portions of one campaign. */
export const EVERY = seconds(5);
const LEASE = minutes(2);
const LONGEST_TEXT = 600;
const UNFIT = /[\p{Cc}\p{Cs}\uFFFD]/u;

export function campaignFaults(campaign: NewCampaign): CampaignFault[] {
  const { name, groups, texts, everyDays, most, startsAt } = campaign;
  const within = (value: number, least: number, top: number) =>
    Number.isInteger(value) && value >= least && value <= top;
  return [
    ...(name.trim() === '' || name.length > 80 || UNFIT.test(name) ? ['name' as const] : []),
    ...(within(everyDays, 1, 365) ? [] : ['every-days' as const]),
    ...(within(most, 1, 50) ? [] : ['most' as const]),
    ...(Object.values(texts).some((text) => text.length > LONGEST_TEXT || UNFIT.test(text)) ? ['text' as const] : []),
    ...(groups.length > 20 || groups.some((one) => one.trim() === '' || one.length > 300 || UNFIT.test(one))
      ? ['groups' as const]
      : []),
    ...(Number.isFinite(startsAt) ? [] : ['starts-at' as const]),
  ];
}

export type Stepped =
  /** `left`: the round goes on. */
  | { is: 'sent'; count: number; left: boolean }
  | { is: 'quiet'; until: number }
  /** Not due, or another node is at it. */
  | { is: 'idle' }
  | { is: 'unavailable'; cause: string };

export type Campaigns = ReturnType<typeof createCampaigns>;

export function createCampaigns(deps: CampaignDeps) {
  const { storage, directory, outbox, audit, clock, keyring, admission, languages, log } = deps;
  const quiet = createQuiet(deps.quietHours, deps.timeZone);
  const known = createPreRegistrations(keyring);
  const portion = Math.max(1, Math.round((deps.perMinute * EVERY) / minutes(1)));

  const record = (event: AuditRecord['event'], actor: string, campaign: string, reason?: string): AuditRecord => ({
    event,
    outcome: 'success',
    actor,
    ...(reason ? { reason } : {}),
    detail: { campaign },
  });

  /** The reminder of one person. @returns whether it is on its way. */
  async function remind(trx: Trx, campaign: store.Campaign, account: Account, now: number): Promise<boolean> {
    const to = account.mail[0] ?? (await known.find(trx, account.id, 'email'));
    const outcome = to === undefined ? ('no-address' as const) : ('sent' as const);
    const { id: campaignId, round } = campaign;
    if (!(await store.remind(trx, { campaignId, accountId: account.id, round, at: now, outcome }))) return false;
    if (to === undefined) return false;
    const own = account.language ?? (await known.find(trx, account.id, 'language'));
    const language = mailLanguage(languages, { language: own }, languages[0] ?? 'en');
    const says = campaign.texts[language];
    await outbox.enqueue(trx, {
      kind: 'mail',
      payload: {
        to,
        template: 'enrol-reminder',
        language,
        values: {
          // A stranger may read what lies at an address that nobody confirmed.
          name: account.mail.length > 0 ? account.displayName : '',
          at: now,
          optOut: optOutToken(keyring, account.id),
          ...(says ? { says } : {}),
        },
      },
      // What has not left by then would ring at night.
      expiresAt: Math.max(now + minutes(10), Math.min(quiet.beginsAt(now), now + hours(12))),
    });
    return true;
  }

  /** Reads whom to remind from the directory. @returns undefined when it can't be asked. */
  async function load(rows: readonly readiness.ReadinessRow[]) {
    const lane = createLanes(3);
    const found = await Promise.all(rows.map((row) => lane(() => directory.load(row.directoryKey))));
    const down = found.find((one) => one.is === 'unavailable');
    if (down?.is === 'unavailable') return { is: 'unavailable' as const, cause: down.cause };
    const accounts = found.flatMap((one) => (one.is === 'found' ? [one.account] : []));
    const open = await Promise.all(accounts.map((account) => admission.isOpen(account)));
    return { is: 'found' as const, accounts: accounts.filter((_, n) => open[n]) };
  }

  const nextRound = (campaign: store.Campaign, now: number): store.Step => {
    const next = campaign.nextAt + days(campaign.everyDays);
    // After a long pause rounds are not made up for.
    return { round: campaign.round + 1, cursor: '', next_at: next > now ? next : now + days(campaign.everyDays) };
  };

  /** One portion of one campaign. */
  async function step(id: string): Promise<Stepped> {
    const now = clock.now();
    const lease = newId();
    if (quiet.isQuiet(now)) return { is: 'quiet', until: quiet.endsAt(now) };
    const campaign = await store.claim(storage.db, id, { lease, until: now + LEASE, now });
    if (!campaign) return { is: 'idle' };
    const turn: Turn = readCursor(campaign.cursor);
    const { rows, next } = await audienceOf(storage.db, campaign, turn, portion);
    const loaded = await load(rows);
    if (loaded.is === 'unavailable') {
      await store.advance(storage.db, id, lease, { lease_until: now + minutes(1), problem: loaded.cause });
      return loaded;
    }
    const ids = loaded.accounts.map((account) => account.id);
    const sent = await storage.transaction(async (trx) => {
      const step: store.Step = {
        ...(next ? { cursor: writeCursor(next) } : nextRound(campaign, now)),
        lease_until: now + EVERY,
        problem: null,
      };
      if (!(await store.advance(trx, id, lease, step))) return undefined;
      const { optedOut, enrolled } = await store.spared(trx, ids);
      const before = await store.reminded(trx, id, ids);
      const told: string[] = [];
      for (const account of loaded.accounts) {
        const done = campaign.who === 'never-enrolled' && enrolled.has(account.id);
        if (done || optedOut.has(account.id) || (before.get(account.id) ?? 0) >= campaign.most) continue;
        if (await remind(trx, campaign, account, now)) told.push(account.id);
      }
      await audit.append(
        trx,
        ...told.map(
          (subject): AuditRecord => ({
            event: 'rollout.reminded',
            outcome: 'success',
            actor: 'system',
            subject,
            detail: { campaign: campaign.name, round: campaign.round },
          }),
        ),
      );
      return told.length;
    });
    if (sent === undefined) return { is: 'idle' };
    if (sent > 0) outbox.nudge();
    return { is: 'sent', count: sent, left: next !== undefined };
  }

  /** Of every campaign that is due, one portion. */
  async function work(): Promise<void> {
    for (const id of await store.due(storage.db, clock.now())) await step(id);
  }

  const changed = async (
    id: string,
    actor: string,
    from: readonly store.Campaign['state'][],
    set: Parameters<typeof store.change>[3],
    reason: string,
  ): Promise<boolean> =>
    storage.transaction(async (trx) => {
      if (!(await store.change(trx, id, from, set))) return false;
      await audit.append(trx, record('rollout.campaign-changed', actor, id, reason));
      return true;
    });

  return {
    step,
    work,
    list: () => store.list(storage.db),
    find: (id: string) => store.find(storage.db, id),

    /** @returns its id. Check `campaignFaults` first. */
    async create(campaign: NewCampaign, actor: string): Promise<string> {
      const id = newId();
      const { startsAt, ...rest } = campaign;
      const texts = Object.fromEntries(Object.entries(campaign.texts).filter(([, text]) => text.trim() !== ''));
      await storage.transaction(async (trx) => {
        const row = { ...rest, texts, id, nextAt: startsAt, createdBy: actor, createdAt: clock.now() };
        await store.create(trx, row);
        await audit.append(trx, record('rollout.campaign-created', actor, id));
      });
      return id;
    },

    pause: (id: string, actor: string) => changed(id, actor, ['active'], { state: 'paused' }, 'Paused.'),
    resume: (id: string, actor: string) => changed(id, actor, ['paused'], { state: 'active' }, 'Resumed.'),
    end: (id: string, actor: string) => changed(id, actor, ['active', 'paused'], { state: 'ended' }, 'Ended.'),
    /** The next round begins at once; quiet hours still hold. @returns when it may. */
    async sendNow(id: string, actor: string): Promise<number | undefined> {
      const now = clock.now();
      const done = await changed(id, actor, ['active', 'paused'], { state: 'active', next_at: now }, 'Sends now.');
      return done ? quiet.endsAt(now) : undefined;
    },

    /** Whom it would reach, as of now. */
    async audience(campaign: Pick<store.Campaign, 'who' | 'groups'>) {
      const groups = campaign.groups.length === 0 ? [undefined] : campaign.groups.map(readiness.groupId);
      const counted = await Promise.all(groups.map((group) => readiness.counts(storage.db, group)));
      const { rows } = await audienceOf(storage.db, campaign, readCursor(''), 10);
      // Members of several groups are counted in each of them.
      return { people: counted.reduce((sum, one) => sum + (one.get(campaign.who) ?? 0), 0), first: rows };
    },

    async progress(id: string) {
      const rounds = await store.rounds(storage.db, id);
      return { rounds, enrolled: await store.enrolledSince(storage.db, id) };
    },

    quietUntil: (): number | undefined => (quiet.isQuiet(clock.now()) ? quiet.endsAt(clock.now()) : undefined),

    /** @returns how to end it. */
    begin(): () => Promise<void> {
      let working: Promise<void> | undefined;
      const timer = setInterval(() => {
        working ??= work()
          .catch((error) => log.warn({ err: error }, 'Reminders wait for the database.'))
          .finally(() => {
            working = undefined;
          });
      }, EVERY);
      timer.unref();
      return async () => {
        clearInterval(timer);
        await working;
      };
    },
  };
}
