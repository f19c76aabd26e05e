/**
 * Begins a recovery without a name: a discoverable credential says whose it is. What is asked is the same for everybody and
 * costs no row; it is bound to one browser by a sealed cookie, lives as long as its challenge, and is worth one answer. Everything
 * that is wrong gets one and the same answer.
 */
import type { Authenticator } from '../kernel/account.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { GatePrompt } from '../kernel/prompt.ts';
import { newId } from '../kernel/random.ts';
import type { Answer, Step, VerificationMethod } from '../methods/method.ts';
import * as people from '../storage/repositories/people.ts';
import { decoyAuthenticator, decoySubject } from './decoy.ts';
import type { FlowDeps, Origin } from './deps.ts';
import { identifierKeyOf } from './identifier.ts';
import type { JourneyService } from './journey/service.ts';
import { usableOf } from './usable.ts';

export type BegunByKey =
  | { is: 'begun'; token: string }
  /** Unknown, switched off, wrong, too late, used: nobody learns which. */
  | { is: 'refused' }
  | { is: 'wait'; until: number }
  | { is: 'unavailable' };

/** What the cookie holds, sealed. */
interface Asked {
  flow: string;
  challenge: string;
  pending: JsonObject;
  prompt: GatePrompt;
}

export type PasskeyStart = ReturnType<typeof createPasskeyStart>;

const CONTEXT = 'passkey-start';
const refused: BegunByKey = { is: 'refused' };

export function createPasskeyStart(deps: FlowDeps, journeys: JourneyService) {
  const { storage, clock, keyring, throttle, directory } = deps;
  const passkey = () => [...deps.methods.values()].find(({ lookupOf }) => lookupOf !== undefined);

  const stepOf = ({ flow, challenge }: Pick<Asked, 'flow' | 'challenge'>, accountId: string, { ip }: Origin): Step => ({
    flow,
    challenge,
    now: clock.now(),
    ip,
    language: '',
    account: { id: accountId, username: '', displayName: '', mail: [], attributes: {} },
    purpose: 'recovery',
  });

  const unseal = (token: string): Asked | undefined => {
    try {
      return JSON.parse(keyring.open(token, CONTEXT)) as Asked;
    } catch {
      // Not ours, or from before the keys were changed.
      return undefined;
    }
  };

  /** Whose key it is. Nothing when it is switched off, or the directory does not know the person any more. */
  const ownerOf = async (by: VerificationMethod, lookup: string | undefined) => {
    const found = lookup === undefined ? [] : await deps.authenticators.findByLookup(storage.db, lookup);
    const [key] = usableOf(found, by, clock.now());
    const known = key && (await people.find(storage.db, key.accountId));
    return key && known && { key, loaded: await directory.load(known.directoryKey) };
  };

  const note = (subject: string, { ip }: Origin, reason: string): Promise<void> =>
    storage.transaction((trx) =>
      deps.audit.append(trx, {
        event: 'recovery.started',
        outcome: 'refused',
        actor: 'anonymous',
        subject,
        ip,
        method: passkey()?.id ?? '',
        reason,
        detail: { why: 'passkey' },
      }),
    );

  return {
    /** Whether the organisation lets anybody begin like this. */
    get offered() {
      return passkey() !== undefined;
    },

    /** `token`: for this browser alone. `options`: for its `navigator.credentials.get`. */
    async ask(origin: Origin): Promise<{ token: string; options: string } | undefined> {
      const names = { flow: newId(), challenge: newId() };
      const made = await passkey()?.challenge(stepOf(names, '', origin), []);
      if (!made || 'is' in made || made.prompt.kind !== 'use-passkey') return undefined;
      const { pending, prompt } = made;
      const asked: Asked = { ...names, pending, prompt: { ...prompt, options: '' } };
      return { token: keyring.seal(JSON.stringify(asked), CONTEXT), options: prompt.options };
    },

    async answer(token: string, answer: Answer, language: string, origin: Origin): Promise<BegunByKey> {
      const asked = unseal(token);
      const method = passkey();
      if (!method || !asked) return refused;
      const lookup = method.lookupOf?.(answer);
      const identifierKey = identifierKeyOf(keyring, lookup ?? '');
      const allowance = await throttle.start(identifierKey, origin.network, clock.now());
      if (allowance.is === 'wait') {
        if (allowance.first) await journeys.refused(decoySubject(identifierKey), allowance.limit, origin);
        return allowance;
      }
      const owner = await ownerOf(method, lookup);
      if (owner?.loaded.is === 'unavailable') {
        deps.log.error({ cause: owner.loaded.cause }, 'The directory could not be asked for an account.');
        return { is: 'unavailable' };
      }
      const account = owner?.loaded.is === 'found' ? owner.loaded.account : undefined;
      const key: Authenticator | undefined = account && owner?.key;
      const subject = account?.id ?? decoySubject(identifierKey);
      const who = { identifierKey, subject, method: method.id };
      // One try: the challenge is spent by it, on every node at once.
      const attempt = await throttle.attempt({ ...who, challenge: asked.challenge, tries: 1 }, clock.now());
      if (attempt.is === 'wait') return attempt;
      if (attempt.is === 'void') return refused;

      const list = [key ?? decoyAuthenticator(keyring, subject, method)];
      const verdict = await method.judge(stepOf(asked, subject, origin), list, asked.pending, answer);
      if (verdict.is === 'verified' && account && !attempt.muted) {
        const gate = { account, method, verdict, prompt: asked.prompt };
        const begun = await journeys.beginWith(gate, language, origin, (trx) => throttle.forgive(trx, who));
        return begun ? { is: 'begun', token: begun.token } : refused;
      }
      const cause = verdict.is === 'mismatch' ? verdict.cause : undefined;
      await note(subject, origin, cause ?? `The answer was ${verdict.is}.`);
      if (account && verdict.is === 'mismatch' && verdict.alarm) await journeys.alarm(account.id, verdict, origin.ip);
      if (account && attempt.disable) {
        const own = await deps.authenticators.list(storage.db, account.id);
        await journeys.disable({ account, language, subject }, list, own, origin.ip);
      }
      return refused;
    },
  };
}
