/** "Send a new code": always a working button; the browser script counts the wait down quietly. */
import { formatWait, type Translate } from '../../text/index.ts';
import { Form } from '../../ui/form.tsx';
import type { ShellProps } from '../../ui/shell.ts';

export interface Resend {
  /** POST */
  action: string;
  /** 0: at once. */
  inSeconds: number;
}

export interface ResendFormProps {
  t: Translate;
  shell: ShellProps;
  step?: string | undefined;
  resend: Resend;
  /** It is a call that comes anew. */
  rings?: boolean;
}

export const ResendForm = ({ t, shell, step, resend: { action, inSeconds }, rings = false }: ResendFormProps) => (
  <Form shell={shell} action={action} step={step}>
    <button
      type="submit"
      class="button quiet"
      data-wait={inSeconds > 0 ? inSeconds : undefined}
      data-counting={inSeconds > 0 ? t(rings ? 'call.again-in' : 'code.resend-in', { n: '{n}' }) : undefined}
    >
      {t(rings ? 'call.again' : 'code.resend')}
    </button>
    {inSeconds > 0 && (
      <p class="soft after" data-wait-note>
        {t(rings ? 'call.again-after' : 'code.resend-after', { wait: formatWait(t, inSeconds) })}
      </p>
    )}
  </Form>
);
