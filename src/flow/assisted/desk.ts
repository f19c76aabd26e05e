/**
 * The helper desk. A call is opened first and is about one person inside the helper's scope; nothing is done in it before the
 * caller was verified; each act once; what is privileged, protected or clears and opens at once needs a second person. Wrong
 * codes are counted in the database, and too many end the call. What is outside of the scope is never told apart from nobody.
 */
import type { AuditRecord } from '../../audit/audit.ts';
import type { Account } from '../../kernel/account.ts';
import { minutes } from '../../kernel/clock.ts';
import type { Message } from '../../kernel/effect.ts';
import { sameText } from '../../kernel/keyring.ts';
import { newDigits, newId } from '../../kernel/random.ts';
import { readDigits } from '../../methods/code.ts';
import type { Right } from '../../staff/rights.ts';
import { inScope } from '../../staff/scope.ts';
import { actorOf, type Staff } from '../../staff/staff.ts';
import { StaleWrite } from '../../storage/failure.ts';
import { createCalls, type StoredCall } from '../../storage/repositories/calls.ts';
import * as incidents from '../../storage/repositories/incidents.ts';
import * as seconds from '../../storage/repositories/second-requests.ts';
import type { Trx } from '../../storage/storage.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps } from '../deps.ts';
import { openIncident } from '../incident.ts';
import { mailLanguage } from '../mail-language.ts';
import { secondNeeded } from './acts.ts';
import { asJson, type CallData, dataOf, type Verified } from './call.ts';
import { maskName, tellTicket } from './desk-ticket.ts';
import { type Document, holdsNumber } from './note.ts';
import { type AssistedService, VERIFICATIONS } from './service.ts';
import { contactsOf, type Sheet, sheetOf } from './sheet.ts';

export type { StoredCall } from '../../storage/repositories/calls.ts';
export type { SecondRequest } from '../../storage/repositories/second-requests.ts';

export const DESK_ACTS = ['unlock', 'pass', 'must-change', 'clear', 'freeze', 'thaw'] as const;
export type DeskAct = (typeof DESK_ACTS)[number];

const RIGHT_OF: Record<DeskAct, Right> = {
  unlock: 'people.assist',
  pass: 'people.assist',
  'must-change': 'people.assist',
  clear: 'people.clear',
  freeze: 'people.freeze',
  thaw: 'people.freeze',
};

/** Purpose of the tickets by which a caller knows the helper. */
export const HELPER_CHECK = 'helper-check';

const CALL_LASTS = minutes(30);
const CODE_LASTS = minutes(10);
const SECOND_LASTS = minutes(20);
const CODE_DIGITS = 6;
const CHECK_DIGITS = 8;

export interface Dossier {
  call: StoredCall;
  data: CallData;
  sheet: Sheet;
  live: boolean;
  acts: { act: string; at: number }[];
  seconds: seconds.SecondRequest[];
  /** Acts that this helper may do at all. */
  offered: DeskAct[];
  /** What the person's device has to be told while it is asked. */
  number: string | undefined;
}

/** `why` is a word for the page; `cause` one sentence where only the surroundings know. */
export type Said = { is: 'ok' } | { is: 'refused'; why: Why; cause?: string } | { is: 'wrong'; triesLeft: number };

export type Why =
  | 'over'
  | 'no-contact'
  | 'wait'
  | 'note'
  | 'name'
  | 'expired'
  | 'not-verified'
  | 'no-right'
  | 'again'
  | 'second'
  | 'incident'
  | 'failed'
  | 'reason';

export type Acted =
  | { is: 'done'; told: string[]; warning?: string }
  | { is: 'pass'; code: string; expiresAt: number; told: string[]; warning?: string }
  | Extract<Said, { is: 'refused' }>;

const refused = (why: Why, cause?: string): Extract<Said, { is: 'refused' }> => ({
  is: 'refused',
  why,
  ...(cause === undefined ? {} : { cause }),
});

export type DeskService = ReturnType<typeof createDeskService>;

export function createDeskService(deps: FlowDeps, assisted: AssistedService, settings: { tickets: boolean }) {
  const { storage, directory, clock, throttle, keyring, authenticators, tickets, audit } = deps;
  const calls = createCalls(keyring);
  const { acts } = assisted;

  const record = (
    staff: Staff,
    call: StoredCall,
    ip: string,
    more: Pick<AuditRecord, 'event' | 'outcome'> & { reason?: string; detail?: AuditRecord['detail'] },
  ): AuditRecord => ({
    ...more,
    actor: actorOf(staff),
    subject: call.accountId,
    ip,
    detail: { call: call.id, ...(call.ticket ? { ticket: call.ticket } : {}), ...more.detail },
  });

  const note = (entry: AuditRecord) => storage.transaction((trx) => audit.append(trx, entry));

  /** Whoever is outside is nobody; that somebody asked is kept. */
  const visible = async (staff: Staff, account: Account | undefined, ip: string): Promise<Account | undefined> => {
    if (!account || inScope(staff, account)) return account;
    const reason = 'The person is outside of the scope of the helper.';
    await note({ event: 'desk.refused', outcome: 'refused', actor: actorOf(staff), subject: account.id, ip, reason });
    return undefined;
  };

  const find = async (staff: Staff, identifier: string, ip: string): Promise<Account | 'unavailable' | undefined> => {
    const found = await directory.find(identifier.trim());
    if (found.is === 'unavailable') return 'unavailable';
    return visible(staff, found.is === 'found' ? found.account : undefined, ip);
  };

  const isLive = (call: StoredCall): boolean => call.endedAt === undefined && clock.now() < call.expiresAt;

  const numberOf = (call: StoredCall, seed: string): string => {
    const mac = Buffer.from(keyring.mac('caller-number', call.id, call.accountId, seed));
    return String(mac.readUInt32BE(0) % 1_000).padStart(3, '0');
  };

  /** The helper's own call, with its person still inside the scope. */
  const load = async (staff: Staff, id: string, ip: string) => {
    const call = await calls.find(storage.db, id);
    if (!call || call.helperId !== staff.account.id) return undefined;
    const found = await directory.load(call.directoryKey);
    const account = await visible(staff, found.is === 'found' ? found.account : undefined, ip);
    return account && { call, account, data: dataOf(call) };
  };
  type Loaded = NonNullable<Awaited<ReturnType<typeof load>>>;

  /** Somebody wrote to the call meanwhile: it is read anew by whoever asks again. */
  const unlessStale = async (work: () => Promise<unknown>): Promise<Said> => {
    try {
      await work();
      return { is: 'ok' };
    } catch (error) {
      if (error instanceof StaleWrite) return refused('over');
      throw error;
    }
  };

  const verifiedBy = (data: CallData, one: Verified): CallData => {
    const { code: _, device: __, ...rest } = data;
    return { ...rest, verified: [...data.verified, one] };
  };

  const keepVerified = (trx: Trx, call: StoredCall, data: CallData, one: Verified) =>
    calls.save(trx, call, { data: asJson(verifiedBy(data, one)), verifiedAt: one.at });

  const sentence = (one: Verified): string =>
    `The helper ${VERIFICATIONS[one.kind]}${one.note ? ` (${one.note})` : ''}.`;

  const verify = (staff: Staff, { call, data }: Loaded, one: Verified, ip: string): Promise<Said> =>
    unlessStale(() =>
      storage.transaction(async (trx) => {
        await keepVerified(trx, call, data, one);
        const detail = { verified: one.kind, times: data.verified.length + 1 };
        const said = { event: 'caller.verified', outcome: 'success', reason: sentence(one), detail } as const;
        await audit.append(trx, record(staff, call, ip, said));
      }),
    );

  const endBecause = async (call: StoredCall, by: string, entry: AuditRecord, says?: string): Promise<Said> => {
    const said = await unlessStale(() =>
      storage.transaction(async (trx) => {
        await calls.save(trx, call, { endedAt: clock.now(), endedBy: by });
        if (says)
          await openIncident(deps, trx, { accountId: call.accountId, kind: 'caller-refused', says, ip: entry.ip });
        await audit.append(trx, entry);
      }),
    );
    deps.outbox.nudge();
    return said;
  };

  const messageTo = (
    { account, call, data }: Loaded,
    contact: { address: string; by: 'mail' | 'text' },
    code: string,
  ): Message => {
    const language = mailLanguage(deps.languages, account, deps.alerts.language);
    const common = { to: contact.address, template: 'caller-code', language, expiresAt: clock.now() + CODE_LASTS };
    const values = { code, minutes: CODE_LASTS / minutes(1) };
    return contact.by === 'text'
      ? { kind: 'send-text', ...common, values }
      : {
          kind: 'send-mail',
          ...common,
          values: { ...values, name: account.displayName, at: clock.now(), helper: data.helper || call.helper },
        };
  };

  /** Work in a call that goes on. */
  const inCall = async <T>(staff: Staff, id: string, ip: string, work: (loaded: Loaded) => Promise<T>) => {
    const loaded = await load(staff, id, ip);
    return loaded && isLive(loaded.call) ? work(loaded) : refused('over');
  };

  /** Why a second person is needed for this act in this call. */
  const secondFor = async (act: DeskAct, account: Account, done: readonly string[]): Promise<string | undefined> => {
    if (act === 'freeze') return undefined;
    const together = (act === 'pass' && done.includes('clear')) || (act === 'clear' && done.includes('pass'));
    if (together) return 'All ways to verify are taken away and a pass is given out in one call.';
    return secondNeeded(deps, account);
  };

  const refuseAct = async (
    staff: Staff,
    { call }: Loaded,
    act: DeskAct,
    ip: string,
    no: ReturnType<typeof refused>,
  ) => {
    const reason = no.cause ?? `Not allowed: ${no.why}.`;
    await storage.transaction(async (trx) => {
      await audit.append(
        trx,
        record(staff, call, ip, { event: 'desk.refused', outcome: 'refused', reason, detail: { act } }),
      );
      if (!settings.tickets) return;
      const about = { helper: dataOf(call).helper, ticket: call.ticket, person: maskName(call.username) };
      await tellTicket(deps, trx, { act, outcome: 'refused', ...about, at: clock.now() });
    });
    deps.outbox.nudge();
    return no;
  };

  const execute = async (staff: Staff, loaded: Loaded, act: DeskAct, ip: string): Promise<Acted> => {
    const { call, account, data } = loaded;
    const last = data.verified.at(-1);
    if (!last) return refused('not-verified');
    if (!staff.rights.has(RIGHT_OF[act])) return refused('no-right');
    if (act === 'thaw' && !staff.rights.has('incidents.act')) {
      const open = await incidents.list(storage.db, { accountId: account.id, open: true, limit: 1 });
      if (open.length > 0) return refused('incident');
    }
    // Claimed before anything is looked at, so that of two presses, and of a clearing and a pass at once, each sees the other.
    if (!(await calls.claim(storage.db, call.id, act, clock.now()))) return refused('again');
    let kept = false;
    try {
      const done = (await calls.acts(storage.db, call.id)).map((one) => one.act).filter((one) => one !== act);
      const needed = await secondFor(act, account, done);
      const agreed = (await seconds.ofCall(storage.db, call.id)).find(
        (one) =>
          one.act === act && one.decision === 'agreed' && one.usedAt === undefined && one.expiresAt > clock.now(),
      );
      if (needed && !agreed) return refused('second', needed);
      const second = needed ? agreed?.decidedBy : undefined;
      const also = async (trx: Trx) => {
        if (needed && agreed && !(await seconds.use(trx, agreed.id, clock.now())))
          throw new StaleWrite('The agreement');
      };
      const reason = sentence(last);
      if (act === 'pass') {
        const verification = { kind: last.kind, ticket: call.ticket, ...(last.note ? { note: last.note } : {}) };
        const issued = await assisted.issuePass(
          {
            helper: data.helper,
            actor: actorOf(staff),
            call: call.id,
            identifier: account.username,
            verification,
            ...(second ? { secondApprover: second } : {}),
          },
          also,
          account,
        );
        if (issued.is === 'refused') return refused('failed', issued.cause);
        kept = true;
        const { code, expiresAt, told, warning } = issued;
        return { is: 'pass', code, expiresAt, told, ...(warning === undefined ? {} : { warning }) };
      }
      const by = { actor: actorOf(staff), helper: data.helper, reason, ticket: call.ticket, call: call.id, second, ip };
      const result = await acts.run(act, account, by, also);
      if (result.is === 'refused') return refused('failed', result.cause);
      kept = true;
      return { is: 'done', told: result.told, ...(result.warning === undefined ? {} : { warning: result.warning }) };
    } catch (error) {
      if (error instanceof StaleWrite) return refused('again');
      throw error;
    } finally {
      if (!kept) await calls.release(storage.db, call.id, act);
    }
  };

  return {
    async find(staff: Staff, identifier: string, ip: string): Promise<Sheet | 'unavailable' | undefined> {
      const account = await find(staff, identifier, ip);
      return account === undefined || account === 'unavailable' ? account : sheetOf(deps, account);
    },

    /** @returns the id of the call. */
    async open(staff: Staff, identifier: string, ticket: string, ip: string) {
      const account = await find(staff, identifier, ip);
      if (account === 'unavailable' || account === undefined) return { is: account ?? 'none' } as const;
      // Nobody helps themself.
      if (account.id === staff.account.id) return { is: 'own' } as const;
      const id = newId();
      const now = clock.now();
      const { username: helper, id: helperId, displayName } = staff.account;
      const data: CallData = { helper: displayName, verified: [] };
      const who = { accountId: account.id, directoryKey: account.key, username: account.username };
      const call = {
        id,
        helperId,
        helper,
        ...who,
        ticket,
        openedAt: now,
        expiresAt: now + CALL_LASTS,
        data: asJson(data),
      };
      await storage.transaction(async (trx) => {
        await calls.open(trx, call);
        const detail = { call: id, ...(ticket ? { ticket } : {}) };
        const said = {
          event: 'desk.opened',
          outcome: 'success',
          actor: actorOf(staff),
          subject: account.id,
          ip,
        } as const;
        await audit.append(trx, { ...said, detail });
      });
      return { is: 'opened', id } as const;
    },

    /** Those of this helper that go on. */
    mine: (staff: Staff) => calls.ofHelper(storage.db, staff.account.id, clock.now(), 20),

    async dossier(staff: Staff, id: string, ip: string): Promise<Dossier | undefined> {
      const loaded = await load(staff, id, ip);
      if (!loaded) return undefined;
      const { call, account, data } = loaded;
      const { device } = data;
      const sheet = await sheetOf(deps, account);
      const fits = (act: DeskAct) =>
        act === 'freeze' ? sheet.frozenAt === undefined : act !== 'thaw' || sheet.frozenAt !== undefined;
      return {
        call,
        data,
        live: isLive(call),
        sheet,
        acts: await calls.acts(storage.db, id),
        seconds: await seconds.ofCall(storage.db, id),
        offered: DESK_ACTS.filter(
          (act) => staff.rights.has(RIGHT_OF[act]) && fits(act) && (act === 'pass' || acts.able(act)),
        ),
        number: device && device.expiresAt > clock.now() ? numberOf(call, device.seed) : undefined,
      };
    },

    sendCode: (staff: Staff, id: string, contactId: string, ip: string): Promise<Said> =>
      inCall(staff, id, ip, async (loaded) => {
        const { call, account, data } = loaded;
        const now = clock.now();
        const own = await authenticators.list(storage.db, account.id);
        const contact = contactsOf(own, now).find((one) => one.id === contactId);
        if (!contact) return refused('no-contact');
        const limited = { identifierKey: account.id, subject: account.id, method: 'caller-code' };
        const allowance = await throttle.send({ ...limited, destinations: [contact.address] }, now);
        if (allowance.is === 'wait' || !allowance.send) return refused('wait');
        const code = newDigits(CODE_DIGITS);
        const message = messageTo(loaded, contact, code);
        const spending = { messages: [message], subject: account.id, ip, real: true };
        if ((await deps.phoneCosts.withheld(spending, now)).size > 0) return refused('wait');
        const mac = keyring.mac('caller-code', call.id, account.id, code);
        const next: CallData = { ...data, code: { mac, to: contact.to, expiresAt: now + CODE_LASTS } };
        const said = await unlessStale(() =>
          storage.transaction(async (trx) => {
            await calls.save(trx, call, { data: asJson(next) });
            const reason = `A code was sent to ${contact.to}.`;
            const entry = record(staff, call, ip, { event: 'desk.challenged', outcome: 'success', reason });
            await commitEffects(deps, trx, [message], [entry]);
          }),
        );
        deps.outbox.nudge();
        return said;
      }),

    /** What the caller read out. */
    readBack: (staff: Staff, id: string, typed: string, ip: string): Promise<Said> =>
      inCall(staff, id, ip, async (loaded): Promise<Said> => {
        const { call, account, data } = loaded;
        const now = clock.now();
        if (!data.code || data.code.expiresAt <= now) return refused('expired');
        const triesLeft = await throttle.number(call.id, now);
        const right = sameText(keyring.mac('caller-code', call.id, account.id, readDigits(typed)), data.code.mac);
        if (right && triesLeft !== undefined) return verify(staff, loaded, { kind: 'code-read-back', at: now }, ip);
        const reason = 'The code was wrong.';
        const entry = record(staff, call, ip, { event: 'caller.refused', outcome: 'failure', reason });
        if (triesLeft !== undefined && triesLeft > 0) {
          await note(entry);
          return { is: 'wrong', triesLeft };
        }
        await endBecause(call, 'tries', entry, 'A caller gave wrong codes until the call was over.');
        return refused('over');
      }),

    /** Asks on the device where the person is signed in. */
    askDevice: (staff: Staff, id: string, ip: string): Promise<Said> =>
      inCall(staff, id, ip, ({ call, data }) =>
        unlessStale(() =>
          storage.transaction(async (trx) => {
            const next: CallData = { ...data, device: { seed: newId(), expiresAt: clock.now() + CODE_LASTS } };
            await calls.save(trx, call, { data: asJson(next) });
            const reason = 'The person was asked where they are signed in.';
            await audit.append(trx, record(staff, call, ip, { event: 'desk.challenged', outcome: 'success', reason }));
          }),
        ),
      ),

    /** By it the caller knows that the helper is one. @returns the code, the only copy; `undefined`: the call is over. */
    async prove(staff: Staff, id: string, ip: string): Promise<string | undefined> {
      const loaded = await load(staff, id, ip);
      if (!loaded || !isLive(loaded.call)) return undefined;
      const { call, data, account } = loaded;
      const token = newDigits(CHECK_DIGITS);
      const now = clock.now();
      await storage.transaction(async (trx) => {
        await tickets.useAll(trx, account.id, HELPER_CHECK, now);
        const about = { call: call.id, helper: data.helper, person: maskName(account.username) };
        const ticket = { id: newId(), purpose: HELPER_CHECK, accountId: account.id, expiresAt: now + CODE_LASTS };
        await tickets.issue(trx, { ...ticket, token, data: about }, now);
        const reason = 'The helper showed who they are.';
        await audit.append(trx, record(staff, call, ip, { event: 'desk.challenged', outcome: 'success', reason }));
      });
      return token;
    },

    /** An identity document, seen in person. What kind; never its number. */
    seen: (staff: Staff, id: string, document: Document, more: string, ip: string): Promise<Said> =>
      inCall(staff, id, ip, async (loaded) => {
        if (holdsNumber(more)) return refused('note');
        const text = more === '' ? document : `${document}: ${more}`;
        return verify(staff, loaded, { kind: 'id-in-person', at: clock.now(), note: text }, ip);
      }),

    manager: (staff: Staff, id: string, name: string, ip: string): Promise<Said> =>
      inCall(staff, id, ip, async (loaded) => {
        const { account } = loaded;
        const same = [account.username, account.displayName, staff.account.username, staff.account.displayName, ''];
        if (holdsNumber(name)) return refused('note');
        if (same.some((one) => one.toLowerCase() === name.trim().toLowerCase())) return refused('name');
        return verify(staff, loaded, { kind: 'manager', at: clock.now(), note: name.trim() }, ip);
      }),

    async act(staff: Staff, id: string, act: DeskAct, ip: string): Promise<Acted> {
      const loaded = await load(staff, id, ip);
      if (!loaded || !isLive(loaded.call)) return refused('over');
      const acted = await execute(staff, loaded, act, ip);
      return acted.is === 'refused' ? refuseAct(staff, loaded, act, ip, acted) : acted;
    },

    askSecond: (staff: Staff, id: string, act: DeskAct, reason: string, ip: string): Promise<Said> =>
      inCall(staff, id, ip, async ({ call, account, data }): Promise<Said> => {
        if (data.verified.length === 0) return refused('not-verified');
        if (!staff.rights.has(RIGHT_OF[act])) return refused('no-right');
        if (reason.trim() === '') return refused('reason');
        const now = clock.now();
        const waiting = (await seconds.ofCall(storage.db, id)).some(
          (one) => one.act === act && one.decision === undefined && one.expiresAt > now,
        );
        if (waiting) return { is: 'ok' };
        const who = { accountId: account.id, username: account.username, directoryKey: account.key };
        const by = { helperId: staff.account.id, helper: staff.account.username };
        await storage.transaction(async (trx) => {
          const request = { id: newId(), callId: id, act, ...who, ...by, reason: reason.trim() };
          await seconds.ask(trx, { ...request, createdAt: now, expiresAt: now + SECOND_LASTS });
          const said = { event: 'second.asked', outcome: 'success', reason: reason.trim(), detail: { act } } as const;
          await audit.append(trx, record(staff, call, ip, said));
        });
        return { is: 'ok' };
      }),

    /** What this member of staff could agree to: of others, about others, inside their own scope. */
    async toDecide(staff: Staff): Promise<seconds.SecondRequest[]> {
      if (!staff.rights.has('people.approve')) return [];
      const own = staff.account.id;
      const open = await seconds.waiting(storage.db, clock.now(), 50);
      const others = open.filter(({ helperId, accountId }) => helperId !== own && accountId !== own);
      const inside = await Promise.all(
        others.map(async ({ directoryKey }) => {
          const found = await directory.load(directoryKey);
          return found.is === 'found' && inScope(staff, found.account);
        }),
      );
      return others.filter((_, n) => inside[n]);
    },

    /** @returns false when there was nothing to decide for them any more. */
    async decide(staff: Staff, id: string, decision: 'agreed' | 'refused', ip: string): Promise<boolean> {
      const request = (await this.toDecide(staff)).find((one) => one.id === id);
      if (!request) return false;
      return storage.transaction(async (trx) => {
        if (!(await seconds.decide(trx, id, decision, staff.account.username, clock.now()))) return false;
        const event = decision === 'agreed' ? 'second.agreed' : 'second.refused';
        const detail = { act: request.act, call: request.callId, helper: request.helper };
        const outcome = decision === 'agreed' ? 'success' : 'refused';
        const said = { event, outcome, actor: actorOf(staff), subject: request.accountId, ip, detail } as const;
        await audit.append(trx, said);
        return true;
      });
    },

    end: (staff: Staff, id: string, ip: string): Promise<Said> =>
      inCall(staff, id, ip, ({ call }) =>
        endBecause(
          call,
          'helper',
          record(staff, call, ip, { event: 'desk.ended', outcome: 'success', reason: 'helper' }),
        ),
      ),

    /** Who asks on this person's device, if anybody does. */
    async asking(account: Account): Promise<{ call: string; helper: string } | undefined> {
      const now = clock.now();
      const open = await calls.about(storage.db, account.id, now);
      const call = open.find((one) => (dataOf(one).device?.expiresAt ?? 0) > now);
      return call && { call: call.id, helper: dataOf(call).helper };
    },

    /** The person's answer on their own device. `typed`: the number that the helper reads out; `undefined`: "that isn't me". */
    async answer(
      account: Account,
      id: string,
      typed: string | undefined,
      ip: string,
    ): Promise<'ok' | 'wrong' | 'over'> {
      const now = clock.now();
      const call = await calls.find(storage.db, id);
      const data = call && dataOf(call);
      if (!call || call.accountId !== account.id || !isLive(call) || !data?.device || data.device.expiresAt <= now)
        return 'over';
      const by = { actor: account.id, subject: account.id, ip, detail: { call: id } };
      const no = { ...by, event: 'caller.refused', outcome: 'failure' } as const;
      if (typed === undefined) {
        const reason = 'The person does not talk with the help desk.';
        await endBecause(call, 'person', { ...no, reason }, `Somebody called the help desk in this name: ${reason}`);
        return 'ok';
      }
      const triesLeft = await throttle.number(`${id}:device`, now);
      if (triesLeft !== undefined && sameText(numberOf(call, data.device.seed), readDigits(typed))) {
        const said = await unlessStale(() =>
          storage.transaction(async (trx) => {
            await keepVerified(trx, call, data, { kind: 'known-device', at: now });
            const detail = { call: id, verified: 'known-device', times: data.verified.length + 1 };
            const reason = 'The person confirmed it where they are signed in.';
            await audit.append(trx, { ...by, event: 'caller.verified', outcome: 'success', reason, detail });
          }),
        );
        return said.is === 'ok' ? 'ok' : 'over';
      }
      const entry = { ...no, reason: 'The number was wrong.' };
      if (triesLeft === undefined || triesLeft === 0) {
        await endBecause(call, 'tries', entry);
        return 'over';
      }
      await note(entry);
      return 'wrong';
    },

    /** A caller looks whether a helper is one. Each code works once. */
    async check(
      typed: string,
      network: string,
      ip: string,
    ): Promise<{ is: 'helper'; helper: string; person: string } | { is: 'nobody' | 'wait' }> {
      const now = clock.now();
      if (!(await throttle.look(network, now))) return { is: 'wait' };
      const ticket = await tickets.findByToken(storage.db, HELPER_CHECK, readDigits(typed), now);
      if (!ticket || ticket.usedAt !== undefined) return { is: 'nobody' };
      const { call: id, helper, person } = ticket.data as { call: string; helper: string; person: string };
      try {
        await storage.transaction(async (trx) => {
          await tickets.use(trx, ticket.id, now);
          const call = await calls.find(trx, id);
          if (!call || !isLive(call)) throw new StaleWrite('The call');
          await calls.save(trx, call, { data: asJson({ ...dataOf(call), checkedAt: now }) });
          const said = {
            event: 'helper.checked',
            outcome: 'success',
            actor: 'anonymous',
            ip,
            detail: { call: id },
          } as const;
          await audit.append(trx, { ...said, subject: ticket.accountId });
        });
      } catch (error) {
        if (error instanceof StaleWrite) return { is: 'nobody' };
        throw error;
      }
      return { is: 'helper', helper, person };
    },
  };
}
