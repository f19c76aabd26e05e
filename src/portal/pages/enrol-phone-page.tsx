/**
 * Type a phone number; a code goes there before it counts. Says first what a phone is worth, and what would be safer
 * (NIST SP 800-63B-4 §3.2.9, N-17).
 */
import type { TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { paths } from '../../ui/paths.ts';
import { JourneyCard } from './journey-card.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { JourneyProps } from './page.ts';

export interface EnrolPhonePageProps extends JourneyProps {
  method: 'sms' | 'voice';
  /** Typed before, or suggested. Posted as `address`. */
  number?: string;
  /** What is wrong with it. */
  error?: TextKey;
  /** Ways that this person could add instead. */
  safer: readonly MethodId[];
}

export const EnrolPhonePage = ({ action, method, number, error, safer, ...journey }: EnrolPhonePageProps) => {
  const { t, shell, step } = journey;
  const calls = method === 'voice';
  const wrong = error && t(error);
  return (
    <JourneyCard
      {...journey}
      title={t(calls ? 'phone.title-call' : 'phone.title')}
      lead={t(calls ? 'phone.lead-call' : 'phone.lead')}
      mistakes={
        wrong
          ? {
              title: t(error === 'phone.missing' ? 'mistake.missing' : 'mistake.look'),
              list: [{ text: wrong, field: 'address' }],
            }
          : undefined
      }
    >
      <Form shell={shell} action={action} step={step}>
        <Field
          name="address"
          keyboard="tel"
          label={t('phone.label')}
          hint={t('phone.hint')}
          value={number}
          autocomplete="tel"
          maxLength={60}
          error={wrong}
          ltr
        />
        <Notice tone="wait" title={t('phone.risk.title')}>
          <p>{t('phone.risk.text')}</p>
          <p>{t('phone.risk.alone')}</p>
          {safer.length > 0 && (
            <>
              <p>{t('phone.risk.safer')}</p>
              <ul>
                {safer.map((id) => (
                  <li key={id}>
                    <a href={`${paths.addWay}/${id}`}>{t(lookOf(id).addTitle)}</a>
                  </li>
                ))}
              </ul>
            </>
          )}
        </Notice>
        <Button>{t(calls ? 'phone.send-call' : 'phone.send')}</Button>
      </Form>
    </JourneyCard>
  );
};
