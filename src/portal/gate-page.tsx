/** A gate as a page: one page for each kind of prompt. */
import type { VNode } from 'preact';
import type { GatePrompt } from '../kernel/prompt.ts';
import { AnswerFieldsPage } from './pages/answer-fields-page.tsx';
import type { CodeError } from './pages/code-error.ts';
import { EnterCodePage, minutesUntil } from './pages/enter-code-page.tsx';
import { GoElsewherePage } from './pages/go-elsewhere-page.tsx';
import { lookOf, type MethodId, type MethodLook } from './pages/method-look.ts';
import type { JourneyProps } from './pages/page.ts';
import type { Resend } from './pages/resend-form.tsx';
import { UsePasskeyPage } from './pages/use-passkey-page.tsx';
import { WaitApprovalPage } from './pages/wait-approval-page.tsx';

export interface Gate extends Omit<JourneyProps, 'action'> {
  method: MethodId;
  prompt: GatePrompt;
  /** What the person may be reminded of: a masked address, the name of a device. */
  hint: string | undefined;
  error: CodeError | undefined;
  /** Somebody else has not answered yet. */
  waiting: boolean;
  /** Just sent anew. */
  resent: boolean;
  resend: Resend | undefined;
  /** ms */
  now: number;
  /** What could come next instead. */
  others: readonly string[];
}

/** POSTs of every kind of gate. */
const ANSWER = '/recover/answer';
const ANOTHER = '/recover/another';
/** GET, for the script of a page that waits for somebody else. */
export const ANSWERED = '/recover/answered';
const CHOOSE = '/recover/method';

/** The other way to reach the same phone. */
const SWITCH: Partial<Record<MethodId, 'sms' | 'voice'>> = { sms: 'voice', voice: 'sms' };

export function gatePage({
  method,
  prompt,
  hint,
  error,
  waiting,
  resent,
  resend,
  others,
  now,
  ...journey
}: Gate): VNode {
  const look: MethodLook = lookOf(method);
  const other = SWITCH[method];
  const common = {
    ...journey,
    method,
    action: ANSWER,
    anotherAction: ANOTHER,
    ...(error ? { error } : {}),
    ...(resend ? { resend } : {}),
  };
  switch (prompt.kind) {
    case 'enter-code':
      return (
        <EnterCodePage
          {...common}
          alphabet={prompt.alphabet}
          length={prompt.length}
          resent={resent}
          {...(prompt.expiresAt === undefined ? {} : { minutes: minutesUntil(prompt.expiresAt, now) })}
          {...(hint && look.enterSent ? { sentTo: hint } : {})}
          {...(prompt.press === undefined ? {} : { press: prompt.press })}
          {...(other !== undefined && others.includes(other) ? { instead: { action: CHOOSE, method: other } } : {})}
        />
      );
    case 'answer-fields': {
      const { resend: _, ...rest } = { resend, ...common };
      return <AnswerFieldsPage {...rest} fields={prompt.fields} />;
    }
    case 'go-elsewhere': {
      const { action: _, resend: __, ...rest } = { resend, ...common };
      return <GoElsewherePage {...rest} url={prompt.url} who={prompt.who} />;
    }
    case 'use-passkey':
      return <UsePasskeyPage {...common} options={prompt.options} />;
    case 'wait-for-approval': {
      const { resend: _, ...rest } = { resend, ...common };
      return (
        <WaitApprovalPage
          {...rest}
          number={prompt.number ?? ''}
          until={prompt.expiresAt ?? 0}
          {...(hint ? { who: hint } : {})}
          waiting={waiting}
          answeredUrl={ANSWERED}
        />
      );
    }
  }
}
