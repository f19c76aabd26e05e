/** All texts and calls that the demo would have sent and placed, newest first. A call says its code only after the right keys. */
import { formatMoment } from '../../text/index.ts';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

export interface DemoText {
  id: string;
  to: string;
  text: string;
  /** ms */
  at: number;
}

export interface DemoCall {
  id: string;
  to: string;
  /** BCP 47, of what is spoken. */
  language: string;
  greeting: string;
  /** Only after the right keys. */
  spoken?: string;
  /** Other keys were pressed: it is over. */
  wrong?: boolean;
  /** ms */
  at: number;
}

export interface DemoPhonePageProps extends PageProps {
  texts: readonly DemoText[];
  calls: readonly DemoCall[];
}

export const DemoPhonePage = ({ t, shell, texts, calls }: DemoPhonePageProps) => {
  const events = [
    ...texts.map((text) => ({ at: text.at, shown: <Text key={text.id} t={t} shell={shell} text={text} /> })),
    ...calls.map((call) => ({ at: call.at, shown: <Call key={call.id} t={t} shell={shell} call={call} /> })),
  ].sort((a, b) => b.at - a.at);
  return (
    <Layout t={t} shell={shell} title={t('demo.phone.title')} wide>
      <div class="card">
        <h1>{t('demo.phone.title')}</h1>
        <p class="soft">{t(events.length === 0 ? 'demo.phone.empty' : 'demo.phone.lead')}</p>
        <ButtonLink look="quiet" href={paths.demoPhone}>
          {t('demo.phone.refresh')}
        </ButtonLink>
      </div>
      {events.map(({ shown }) => shown)}
    </Layout>
  );
};

const Text = ({ t, shell, text: { to, text, at } }: PageProps & { text: DemoText }) => (
  <div class="card">
    <h2>{t('demo.phone.text')}</h2>
    <Heading t={t} shell={shell} to={to} at={at} />
    <div class="letter" dir="auto">
      {text}
    </div>
  </div>
);

const Heading = ({ t, shell, to, at }: PageProps & { to: string; at: number }) => (
  <p class="soft">
    {t('demo.message.to')} <bdi dir="ltr">{to}</bdi> · {formatMoment(shell.language, at, shell.timeZone)}
  </p>
);

const Call = ({ t, shell, call }: PageProps & { call: DemoCall }) => {
  const { id, to, at, language, greeting, spoken, wrong } = call;
  const dir = language.startsWith('ar') ? 'rtl' : 'ltr';
  return (
    <div class="card">
      <h2>{t('demo.phone.call')}</h2>
      <Heading t={t} shell={shell} to={to} at={at} />
      <p>{t('demo.call.rings')}</p>
      <blockquote class="letter" lang={language} dir={dir} data-speak={t('demo.call.listen')}>
        {greeting}
      </blockquote>
      {spoken !== undefined && (
        <>
          <p>{t('demo.call.spoken')}</p>
          <blockquote class="letter" lang={language} dir={dir} data-speak={t('demo.call.listen')}>
            {spoken}
          </blockquote>
        </>
      )}
      {wrong && <p role="status">{t('demo.call.wrong')}</p>}
      {spoken === undefined && !wrong && (
        <Form shell={shell} action={`${paths.demoPhone}/${encodeURIComponent(id)}`}>
          <Field name={`keys-${id}`} label={t('demo.call.keys')} keyboard="tel" maxLength={4} />
          <Button look="quiet">{t('demo.call.press')}</Button>
        </Form>
      )}
    </div>
  );
};
