/** Proves that a call could be made, without making one: voices for every language, the calling program, the registration. */
import type { Finding } from '../../kernel/plugin.ts';
import { spokenLanguages } from '../texts/phrases.ts';
import { startBaresip } from './baresip.ts';
import type { SipConfig } from './sip-settings.ts';
import { createSpeech } from './speech.ts';

const packages: Record<string, string> = { 'espeak-ng': 'espeak-ng', sox: 'sox', baresip: 'baresip-core' };

function programFailed(what: string, error: unknown): Finding {
  const program = String((error as { program?: unknown }).program ?? '');
  const name = packages[program];
  const cause = error instanceof Error && name ? error.message : 'It could not be tried.';
  return { is: 'failed', what, cause, fix: name ? `apt-get install ${name}` : 'Look at the log.' };
}

async function speechFinding(): Promise<Finding> {
  const what = `speak ${spokenLanguages.join(', ')}`;
  try {
    // A fresh one: what was spoken before proves nothing about now.
    const speech = createSpeech();
    for (const language of spokenLanguages) await speech.greeting(language, 'Sparekey');
    return { is: 'ok', what };
  } catch (error) {
    return programFailed(what, error);
  }
}

const registerCauses: Record<string, [string, string, string]> = {
  '401': ['The telephone system refuses the password.', 'Check it, and authUser.', 'password'],
  '403': ['The telephone system refuses the account.', 'Check user and password.', 'user'],
  '404': ['The telephone system knows no such account.', 'Check it.', 'user'],
  '407': ['The telephone system refuses the password.', 'Check it, and authUser.', 'password'],
};

async function registration(config: SipConfig): Promise<Finding> {
  const register = config.password !== undefined;
  const what = register ? `register as ${config.user} at ${config.server}` : 'start the calling program';
  const done = Promise.withResolvers<Finding>();
  const fail = (cause: string, fix: string, key: string): void => done.resolve({ is: 'failed', what, cause, fix, key });
  const timer = setTimeout(
    () => fail('The telephone system does not answer.', 'Check name, port, transport and the firewall.', 'server'),
    config.connectTimeout,
  );
  try {
    const baresip = await startBaresip(config, {
      onEvent({ type, param }) {
        if (type === 'REGISTER_OK') done.resolve({ is: 'ok', what });
        if (type !== 'REGISTER_FAIL') return;
        const status = /^\d{3}/.exec(param)?.[0] ?? '';
        const [cause, fix, key] = registerCauses[status] ?? [
          `The telephone system does not register us${status === '' ? '' : ` (SIP ${status})`}.`,
          'Check name, port and account.',
          'server',
        ];
        fail(cause, fix, key);
      },
      onLost: () =>
        fail('The calling program (baresip) stopped.', 'Look at the memory and the limits of this machine.', 'server'),
    });
    try {
      if (!register) return { is: 'ok', what };
      if (!(await baresip.register())) fail('The account is not one that baresip can read.', 'Check it.', 'user');
      return await done.promise;
    } finally {
      await baresip.stop();
    }
  } catch (error) {
    return programFailed(what, error);
  } finally {
    clearTimeout(timer);
  }
}

export const checkSip = async (config: SipConfig): Promise<Finding[]> => [
  await speechFinding(),
  await registration(config),
];
