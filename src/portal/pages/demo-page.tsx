/** What to try in the demo, and as whom. */

import { ButtonLink } from '../../ui/button.tsx';
import { Layout } from '../../ui/layout.tsx';
import { paths } from '../../ui/paths.ts';
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
}

export interface DemoPageProps extends PageProps {
  people: readonly DemoPerson[];
}

export const DemoPage = ({ t, shell, people }: DemoPageProps) => (
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
    {people.map((person) => (
      <Person key={person.username} t={t} person={person} />
    ))}
  </Layout>
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
    </dl>
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
