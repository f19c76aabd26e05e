/**
 * Assisted recovery: a helper who has verified a caller issues a one-use pass. How the caller was verified is recorded first;
 * the person is told at every confirmed address; what was issued before stops working. Accounts that open more than their own
 * things need a second approver. The helper never sees a password.
 */
import type { AuditRecord } from '../../audit/audit.ts';
import type { FindOutcome } from '../../directory/directory.ts';
import type { Account } from '../../kernel/account.ts';
import { matches, ruleFor } from '../../policy/rules.ts';
import { StaleWrite } from '../../storage/failure.ts';
import * as people from '../../storage/repositories/people.ts';
import type { Trx } from '../../storage/storage.ts';
import { commitEffects } from '../commit.ts';
import type { FlowDeps } from '../deps.ts';
import { identifierKeyOf } from '../identifier.ts';
import { mailLanguage } from '../mail-language.ts';
import { notices } from '../notices.ts';
import { createActs } from './acts.ts';
import { maskName, tellTicket } from './desk-ticket.ts';
import { holdsNumber } from './note.ts';

/** How a caller was verified. */
export const VERIFICATIONS = {
  'id-in-person': 'saw an identity document in person',
  'code-read-back': 'sent a code to a confirmed contact, and the caller read it back',
  contact: 'called back on a number that was known before',
  'known-device': 'recognised the person at a device or place known before',
  manager: 'a manager confirmed who is asking',
} as const;

export type VerificationKind = keyof typeof VERIFICATIONS;

export interface CallerVerification {
  kind: VerificationKind;
  /** Number in a ticket system. */
  ticket?: string;
  /** One line: which document, which manager. No number of a document. */
  note?: string;
}

export interface PassRequest {
  /** Who issues it, as the organisation knows them. In audit and notice. */
  helper: string;
  /** What the account is found by. */
  identifier: string;
  verification: CallerVerification;
  /** Somebody else who agreed. Needed for privileged and protected accounts. */
  secondApprover?: string;
  /** For the audit; the name of the helper when absent. */
  actor?: string;
  /** Call of the console. */
  call?: string;
}

/** Why no pass was issued. */
export type PassRefusal =
  | 'no-account'
  /** The directory can't be asked now. */
  | 'unavailable'
  /** No rule for this account lets a pass open anything. */
  | 'not-offered'
  | 'frozen'
  /** Disabled or ended in the directory: a pass would lead nowhere. */
  | 'blocked'
  /** Helpers issue nothing for themselves. */
  | 'own-account'
  | 'second-approver-needed'
  /** The second approver must be a third person. */
  | 'second-approver-same'
  | 'too-many'
  /** The note holds what looks like the number of a document. */
  | 'note'
  /** Another helper did the same at this instant. */
  | 'overtaken';

export type Issued =
  /** `code` is shown once and kept nowhere. `told`: masked addresses. `warning`: what will stand in the person's way. */
  | { is: 'issued'; code: string; expiresAt: number; told: string[]; account: Account; warning?: string }
  /** `cause`: one sentence for the helper. */
  | { is: 'refused'; why: PassRefusal; cause: string };

const refused = (why: PassRefusal, cause: string): Extract<Issued, { is: 'refused' }> => ({
  is: 'refused',
  why,
  cause,
});

const fold = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

const HOPELESS = ['disabled', 'account-expired'];

export type AssistedService = ReturnType<typeof createAssistedService>;

/** `tickets`: a ticket system wants to be told. */
export function createAssistedService(deps: FlowDeps, settings: { tickets: boolean } = { tickets: false }) {
  const { storage, directory, authenticators, throttle, clock } = deps;

  /** A second approver where one is needed, and a third person in any case. */
  function approval(request: PassRequest, account: Account, needed: string | undefined) {
    const { helper, secondApprover: second } = request;
    const own = [account.username, ...account.mail].map(fold);
    if (own.includes(fold(helper))) return refused('own-account', 'Nobody issues a pass for their own account.');
    if (needed && !second?.trim())
      return refused('second-approver-needed', `${needed} Somebody else has to agree: name a second approver.`);
    if (second && [fold(helper), ...own].includes(fold(second)))
      return refused('second-approver-same', 'The second approver must be neither the helper nor the person.');
    return undefined;
  }

  const recordOf = (
    { helper, verification, secondApprover, actor, call }: PassRequest,
    account: Account | undefined,
  ) => {
    const { kind, ticket, note } = verification;
    return {
      event: 'helper-pass.issued',
      actor: actor ?? `helper:${helper}`,
      method: 'helper-pass',
      ...(account ? { subject: account.id } : {}),
      detail: {
        verified: kind,
        ...(ticket ? { ticket } : {}),
        ...(note ? { note } : {}),
        ...(secondApprover ? { secondApprover } : {}),
        ...(call ? { call } : {}),
      },
    } as const satisfies Partial<AuditRecord>;
  };

  async function issue(request: PassRequest, account: Account, also: (trx: Trx) => Promise<void>): Promise<Issued> {
    if (holdsNumber(request.verification.note ?? ''))
      return refused('note', 'The note holds a number: say which document or who, never its number.');
    const pass = deps.methods.get('helper-pass')?.issuance;
    if (!pass || !ruleFor(deps.rules, account).methods.includes('helper-pass'))
      return refused('not-offered', 'The policy lets no helper’s pass open this account.');
    const known = await people.find(storage.db, account.id);
    if (known?.frozenAt !== undefined)
      return refused('frozen', `Recovery of this account is stopped: ${known.frozenReason ?? 'no reason was given.'}`);
    const preflight = await directory.preflight(account);
    if (preflight.is === 'unavailable') return refused('unavailable', preflight.cause);
    const block = preflight.is === 'blocked' ? preflight : undefined;
    if (block && HOPELESS.includes(block.why)) return refused('blocked', block.cause);
    const privileged = matches(account, deps.rules.privilegedMatch);
    const needed = block?.why === 'protected' ? block.cause : privileged ? 'The account is privileged.' : undefined;
    const no = approval(request, account, needed);
    if (no) return no;

    const now = clock.now();
    const allowance = await throttle.issue(account.id, 'helper-pass', pass.perDay, now);
    if (allowance.is === 'wait')
      return refused('too-many', `${pass.perDay} passes were issued for this account within a day; no more now.`);
    const own = await authenticators.list(storage.db, account.id);
    const existing = own.filter(({ method }) => method === 'helper-pass');
    const { code, expiresAt, effects } = await pass.issue(account, request.helper, now, existing);
    const person = { ...account, language: mailLanguage(deps.languages, account, deps.alerts.language) };
    const told = notices(own, 'helper-action-notice', person, now, { action: 'issued', helper: request.helper });
    const { kind } = request.verification;
    try {
      await storage.transaction(async (trx) => {
        await also(trx);
        // Of two helpers at one instant one is refused: what both replace can be touched once only.
        for (const { id, version } of existing) await authenticators.update(trx, id, version, { disabledAt: now });
        const identifierKey = identifierKeyOf(deps.keyring, account.username);
        // Wrong passes that a stranger typed don't count against what was issued just now.
        await throttle.forgive(trx, { identifierKey, subject: account.id, method: 'helper-pass' });
        if (settings.tickets) {
          const { ticket = '' } = request.verification;
          const about = { helper: request.helper, ticket, person: maskName(account.username), at: now };
          await tellTicket(deps, trx, { act: 'pass', outcome: 'done', ...about });
        }
        await commitEffects(
          deps,
          trx,
          [...effects, ...told.effects],
          [{ ...recordOf(request, account), outcome: 'success', reason: `The helper ${VERIFICATIONS[kind]}.` }],
        );
      });
    } catch (error) {
      if (error instanceof StaleWrite)
        return refused('overtaken', 'Somebody else issued a pass for this account at the same moment.');
      throw error;
    }
    deps.outbox.nudge();
    const warning = block ? { warning: block.cause } : {};
    return { is: 'issued', code, expiresAt, told: told.told, account, ...warning };
  }

  return {
    acts: createActs(deps, settings),

    /** The returned code is the only copy. Every refusal is in the audit, too. `also`: has to hold in the same transaction. */
    async issuePass(
      request: PassRequest,
      also: (trx: Trx) => Promise<void> = async () => {},
      known?: Account,
    ): Promise<Issued> {
      const found: FindOutcome = known
        ? { is: 'found', account: known }
        : await directory.find(request.identifier.trim());
      const account = found.is === 'found' ? found.account : undefined;
      const result = account
        ? await issue(request, account, also)
        : found.is === 'unavailable'
          ? refused('unavailable', found.cause)
          : refused('no-account', `There is no account ${request.identifier}.`);
      if (result.is === 'refused')
        await storage.transaction((trx) =>
          deps.audit.append(trx, { ...recordOf(request, account), outcome: 'refused', reason: result.cause }),
        );
      return result;
    },
  };
}
