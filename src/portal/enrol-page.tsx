/** Adding a way to verify, as pages: the first question, then the proof that it works. One page for each kind of prompt. */
import type { VNode } from 'preact';
import type { Enrolling } from '../flow/enrolment/states.ts';
import type { Prompt } from '../kernel/prompt.ts';
import type { Answer, InvalidInput } from '../methods/method.ts';
import type { Translate } from '../text/index.ts';
import type { ShellProps } from '../ui/shell.ts';
import { ChooseContactPage } from './pages/choose-contact-page.tsx';
import type { CodeError } from './pages/code-error.ts';
import { CreatePasskeyPage } from './pages/create-passkey-page.tsx';
import { EnrolAddressPage } from './pages/enrol-address-page.tsx';
import { EnrolCodesPage } from './pages/enrol-codes-page.tsx';
import { EnrolConfirmCodePage } from './pages/enrol-confirm-code-page.tsx';
import { EnrolPhonePage } from './pages/enrol-phone-page.tsx';
import { EnrolQuestionsPage } from './pages/enrol-questions-page.tsx';
import { EnrolQuestionsProofPage } from './pages/enrol-questions-proof-page.tsx';
import { EnrolTotpPage } from './pages/enrol-totp-page.tsx';
import { minutesUntil } from './pages/enter-code-page.tsx';
import { LinkElsewherePage } from './pages/link-elsewhere-page.tsx';
import type { MethodId } from './pages/method-look.ts';
import { phoneError } from './pages/phone-error.ts';
import { WaitConsentPage } from './pages/wait-consent-page.tsx';

interface Frame {
  t: Translate;
  shell: ShellProps;
  /** POST */
  action: string;
}

/** What is not restricted (N-17), the best first. */
const SAFER = ['passkey', 'totp', 'recovery-code'] as const;

/** The first question. `typed`: what was answered, when it was not accepted. `addable`: methods that this person could add. */
export function askPage(
  frame: Frame,
  prompt: Prompt,
  addable: readonly string[],
  invalid?: InvalidInput & { typed: Answer },
  /** Whoever was asked before said no. */
  declined = false,
): VNode {
  switch (prompt.kind) {
    case 'enter-address': {
      const address = invalid ? (invalid.typed['address'] ?? '') : prompt.suggestion;
      if (prompt.of === 'phone')
        return (
          <EnrolPhonePage
            {...frame}
            method={prompt.method as 'sms' | 'voice'}
            safer={SAFER.filter((id) => addable.includes(id))}
            {...(address === undefined ? {} : { number: address })}
            {...(invalid ? { error: phoneError(invalid.why) } : {})}
          />
        );
      return (
        <EnrolAddressPage
          {...frame}
          {...(address === undefined ? {} : { address })}
          {...(invalid ? { error: addressError(invalid, address) } : {})}
        />
      );
    }
    case 'choose-questions': {
      const { catalogue, count, own, least } = prompt;
      const told = invalid && { typed: invalid.typed, problems: [invalid, ...(invalid.rest ?? [])] };
      return <EnrolQuestionsPage {...frame} {...{ catalogue, count, own, least }} {...told} />;
    }
    case 'choose-contact': {
      const { typed, why } = invalid ?? {};
      return (
        <ChooseContactPage
          {...frame}
          address={typed?.['address']}
          label={typed?.['label']}
          error={declined ? 'declined' : why && contactError(why)}
        />
      );
    }
    default:
      throw new Error(`No page for ${prompt.kind}.`);
  }
}

function contactError(why: InvalidInput['why']): 'missing' | 'own' | 'same' | 'invalid' {
  if (why === 'missing' || why === 'same') return why;
  return why === 'contact' ? 'own' : 'invalid';
}

function addressError({ why }: InvalidInput, typed = ''): 'missing' | 'same' | 'invalid' {
  if (typed.trim() === '') return 'missing';
  return why === 'same' || why === 'locked-mailbox' ? 'same' : 'invalid';
}

export interface Proof {
  enrolling: Enrolling;
  error?: CodeError | 'not-saved' | undefined;
  /** What was typed is not accepted; nothing was counted. */
  invalid?: InvalidInput;
  /** Nobody has answered yet. */
  waiting?: boolean;
  /** POST: start over, for example with another address. */
  restartAction: string;
  username: string;
  portalUrl: string;
  now: number;
  /** There is one of this method already. */
  replaces: boolean;
}

/** The proof that it works. */
export function proofPage(frame: Frame, proof: Proof): VNode {
  const { enrolling, error } = proof;
  const { prompt } = enrolling;
  const wrong = error && error !== 'not-saved' ? { error } : {};
  switch (prompt.kind) {
    case 'scan-secret':
      return <EnrolTotpPage {...frame} uri={prompt.uri} secret={prompt.secret} length={prompt.length} {...wrong} />;
    case 'create-passkey': {
      const { why } = proof.invalid ?? {};
      const refused = why && { error: { is: why === 'shared' ? ('shared' as const) : ('known' as const) } };
      return <CreatePasskeyPage {...frame} options={prompt.options} {...(refused ?? wrong)} />;
    }
    case 'save-codes':
      return (
        <EnrolCodesPage
          {...frame}
          codes={prompt.codes}
          username={proof.username}
          portalUrl={proof.portalUrl}
          madeAt={proof.now}
          replaces={proof.replaces}
          {...(error === 'not-saved' ? { error } : {})}
        />
      );
    case 'enter-code':
      return (
        <EnrolConfirmCodePage
          {...frame}
          method={enrolling.method as 'email' | 'sms' | 'voice'}
          address={enrolling.sentTo ?? ''}
          length={prompt.length}
          {...(prompt.expiresAt === undefined ? {} : { minutes: minutesUntil(prompt.expiresAt, proof.now) })}
          changeAddressAction={proof.restartAction}
          {...(prompt.press === undefined ? {} : { press: prompt.press })}
          {...(proof.invalid ? { refused: phoneError(proof.invalid.why) } : {})}
          {...wrong}
        />
      );
    case 'answer-fields':
      return (
        <EnrolQuestionsProofPage {...frame} fields={prompt.fields} restartAction={proof.restartAction} {...wrong} />
      );
    case 'wait-for-approval':
      return (
        <WaitConsentPage
          {...frame}
          restartAction={proof.restartAction}
          who={prompt.who ?? ''}
          until={prompt.expiresAt ?? 0}
          waiting={proof.waiting ?? false}
        />
      );
    case 'go-elsewhere': {
      const shared = proof.invalid?.why === 'shared' ? ({ error: 'shared' } as const) : wrong;
      return (
        <LinkElsewherePage
          {...frame}
          method={enrolling.method as MethodId}
          url={prompt.url}
          who={prompt.who}
          {...shared}
        />
      );
    }
    default:
      throw new Error(`No page for ${prompt.kind}.`);
  }
}
