/** Changing a known password, also one that expired or must be changed: the old one proves who it is. */
import type { Secret } from '../../kernel/secret.ts';
import type { Origin } from '../deps.ts';
import type { PasswordService } from '../journey/password.ts';
import type { Problem } from '../journey/states.ts';
import type { NamedRule } from '../password-rules.ts';
import type { SignInService } from '../sign-in/service.ts';

export type Changed =
  /** `token`: of the journey that ended, to look how far the new password has come. */
  | { is: 'changed'; told: string[]; accountId: string; token: string }
  | { is: 'refused' }
  | { is: 'broken-rules'; rules: NamedRule[] }
  | { is: 'differs' }
  | { is: 'wait'; until: number }
  | { is: 'unavailable' }
  /** Nothing changed, and no other password mends it. */
  | { is: 'failed' }
  /** May or may not be in force. */
  | { is: 'unknown' };

export type ChangeService = ReturnType<typeof createChangeService>;

export function createChangeService(signIn: SignInService, passwords: PasswordService) {
  const fromProblem = (problem: Problem | undefined): Changed => {
    if (problem?.is === 'refused') return { is: 'broken-rules', rules: problem.rules };
    if (problem?.is === 'not-applied') return { is: 'unavailable' };
    return problem?.is === 'differs' ? { is: 'differs' } : { is: 'failed' };
  };

  return {
    async change(
      input: { identifier: string; old: Secret; password: string; again: string | undefined },
      language: string,
      origin: Origin,
    ): Promise<Changed> {
      // What can be told without knowing the account is told first, alike for everybody, and costs no try.
      if (input.again !== undefined && input.again !== input.password) return { is: 'differs' };
      const general = await passwords.rules.broken(input.password, undefined);
      if (general.length > 0) return { is: 'broken-rules', rules: general };
      const proof = await signIn.prove(input.identifier, input.old, origin);
      if (proof.is !== 'proven') return proof;
      const { live, token } = await passwords.beginChange(proof.account, proof.identifierKey, language, origin);
      const { password, old } = input;
      const { account } = proof;
      const result = await passwords.set(live, { password, again: undefined, old, account }, origin);
      if (result.is === 'unavailable') return result;
      if (result.is !== 'moved') return { is: 'unknown' };
      const { state } = result.live.journey;
      switch (state.at) {
        case 'done':
          return { is: 'changed', told: state.told, accountId: proof.account.id, token };
        case 'choosing-password':
          return fromProblem(state.problem);
        case 'unsettled':
        case 'applying':
          return { is: 'unknown' };
        default:
          return { is: 'failed' };
      }
    },
  };
}
