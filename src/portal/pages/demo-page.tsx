/** What to try in the demo, and as whom. */

import { Button, ButtonLink } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { paths } from '../../ui/paths.ts';
import { Select } from '../../ui/select.tsx';
import { lookOf, type MethodId } from './method-look.ts';
import type { PageProps } from './page.ts';

export interface DemoPerson {
  username: string;
  displayName: string;
  password: string;
  /** One sentence: what is special about this person. */
  note: string;
  ways: readonly MethodId[];
  /** What their authenticator app shows now. */
  currentTotp?: string;
  savedCodes?: readonly string[];
  /** E.164 */
  phone?: string;
  /** Username. */
  manager?: string;
  /** Number on the student card. */
  card?: string;
  answers?: readonly { question: string; answer: string }[];
}

/** What the help desk said last. */
export type DemoPass = { name: string; expiresAt: number } & ({ code: string } | { cause: string });

export interface DemoPageProps extends PageProps {
  people: readonly DemoPerson[];
  /** All that the demo has set up. */
  ways?: readonly MethodId[];
  pass?: DemoPass | undefined;
}

export const DemoPage = ({ t, shell, people, ways = [], pass }: DemoPageProps) => (
  <Layout t={t} shell={shell} title={t('demo.title')} wide>
    <div class="card">
      <h1>{t('demo.title')}</h1>
      <p class="soft">{t('demo.lead')}</p>
      <ol>
        <li>{t('demo.step.start')}</li>
        <li>{t('demo.step.inbox')}</li>
        <li>{t('demo.step.finish')}</li>
        <li>{t('demo.step.enrol')}</li>
      </ol>
      <ButtonLink href={paths.start}>{t('demo.start')}</ButtonLink>
    </div>
    {ways.length > 0 && <Ways t={t} ways={ways} />}
    <section class="card" aria-labelledby="console">
      <h2 id="console">{t('demo.console.title')}</h2>
      <p class="soft">{t('demo.console.lead')}</p>
      <ul>
        <li>{t('demo.console.operator', { name: 'chiara' })}</li>
        <li>{t('demo.console.helper', { name: 'amina' })}</li>
        <li>{t('demo.console.auditor', { name: 'klaus' })}</li>
      </ul>
      <ButtonLink look="quiet" href={paths.console}>
        {t('demo.console.open')}
      </ButtonLink>
    </section>
    {ways.includes('helper-pass') && <HelpDesk t={t} shell={shell} people={people} pass={pass} />}
    {people.map((person) => (
      <Person key={person.username} t={t} person={person} />
    ))}
  </Layout>
);

const Ways = ({ t, ways }: { t: PageProps['t']; ways: readonly MethodId[] }) => (
  <section class="card" aria-labelledby="ways">
    <h2 id="ways">{t('demo.try.title')}</h2>
    <p class="soft">{t('demo.try.lead')}</p>
    <ul class="list">
      {ways.map((id) => (
        <li key={id}>
          <span class="name">
            {t(lookOf(id).name)}
            <small>{t(`demo.try.${id}`)}</small>
          </span>
        </li>
      ))}
    </ul>
  </section>
);

const HelpDesk = ({ t, shell, people, pass }: Pick<DemoPageProps, 't' | 'shell' | 'people' | 'pass'>) => (
  <section class="card" id="pass" aria-labelledby="pass-title">
    <h2 id="pass-title">{t('demo.pass.title')}</h2>
    <p class="soft">{t('demo.pass.lead')}</p>
    {pass && 'code' in pass && (
      <p role="status">
        {t('demo.pass.code', { name: pass.name })}: <code dir="ltr">{pass.code}</code>
      </p>
    )}
    {pass && 'cause' in pass && (
      <p role="status">
        {t('demo.pass.refused')}{' '}
        <span lang="en" dir="ltr">
          {pass.cause}
        </span>
      </p>
    )}
    <Form shell={shell} action={paths.demoPass}>
      <Select
        name="username"
        label={t('demo.pass.for')}
        empty="…"
        selected="amina"
        options={people.map(({ username, displayName }) => ({ value: username, text: displayName }))}
      />
      <Button look="quiet">{t('demo.pass.issue')}</Button>
    </Form>
  </section>
);

const Person = ({ t, person }: { t: PageProps['t']; person: DemoPerson }) => (
  <section class="card" aria-labelledby={`person-${person.username}`}>
    <h2 id={`person-${person.username}`}>{person.displayName}</h2>
    <p class="soft">{person.note}</p>
    <dl class="facts">
      <dt>{t('demo.username')}</dt>
      <dd>
        <code>{person.username}</code>
      </dd>
      <dt>{t('demo.password')}</dt>
      <dd>
        <code>{person.password}</code>
      </dd>
      <dt>{t('demo.ways')}</dt>
      <dd>
        {person.ways.length === 0 ? t('demo.ways.none') : person.ways.map((id) => t(lookOf(id).name)).join(' · ')}
      </dd>
      {person.currentTotp && (
        <>
          <dt>{t('demo.totp')}</dt>
          <dd>
            <code>{person.currentTotp}</code> <span class="soft">{t('demo.totp.hint')}</span>
          </dd>
        </>
      )}
      {person.phone && (
        <>
          <dt>{t('demo.phone')}</dt>
          <dd>
            <code dir="ltr">{person.phone}</code>
          </dd>
        </>
      )}
      {person.card && (
        <>
          <dt>{t('demo.card')}</dt>
          <dd>
            <code>{person.card}</code>
          </dd>
        </>
      )}
      {person.manager && (
        <>
          <dt>{t('demo.manager')}</dt>
          <dd>
            <code>{person.manager}</code>
          </dd>
        </>
      )}
    </dl>
    {person.answers && person.answers.length > 0 && (
      <details>
        <summary>{t('demo.answers', { n: person.answers.length })}</summary>
        <dl class="facts">
          {person.answers.map(({ question, answer }) => (
            <>
              <dt>{question}</dt>
              <dd>
                <code>{answer}</code>
              </dd>
            </>
          ))}
        </dl>
      </details>
    )}
    {person.savedCodes && person.savedCodes.length > 0 && (
      <details>
        <summary>{t('demo.codes', { n: person.savedCodes.length })}</summary>
        <ol class="sheet mono">
          {person.savedCodes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
      </details>
    )}
  </section>
);
