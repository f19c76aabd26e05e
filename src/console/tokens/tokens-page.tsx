/** Tokens of the API: who made them, what they may, when they were last used; a new one is shown once. */

import { SCOPES, type Scope } from '../../flow/api/scopes.ts';
import { type ApiToken, DEFAULT_DAYS, MOST_DAYS, type TokenFault } from '../../flow/api/tokens.ts';
import { formatMoment, type TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorSummary } from '../../ui/error-summary.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';

export const PATH = '/console/tokens';

export interface TokensPageProps {
  ask: Ask;
  tokens: readonly ApiToken[];
  /** What this person may hand on. */
  offered: readonly Scope[];
  now: number;
  typed?: { name: string; days: string; scopes: readonly string[] };
  faults?: readonly TokenFault[];
  /** Just made: shown once. */
  made?: string | undefined;
}

const stateOf = ({ t, language, shell }: Ask, token: ApiToken, now: number): string => {
  if (token.revokedAt !== undefined)
    return t('api.token.revoked', { when: formatMoment(language, token.revokedAt, shell.timeZone) });
  const when = formatMoment(language, token.expiresAt, shell.timeZone);
  return t(token.expiresAt <= now ? 'api.token.ended' : 'api.token.until', { when });
};

export function TokensPage({ ask, tokens, offered, now, typed, faults = [], made }: TokensPageProps) {
  const { t, shell, language } = ask;
  const said = (fault: TokenFault): string | undefined =>
    faults.includes(fault) ? t(`api.fault.${fault}` as TextKey) : undefined;
  return (
    <ConsolePage ask={ask} title={t('api.tokens')} current="tokens" failed={faults.length > 0}>
      {faults.length > 0 && (
        <ErrorSummary
          title={t('mistake.missing')}
          mistakes={faults.map((fault) => ({
            field: fault === 'not-yours' ? 'scopes' : fault,
            text: said(fault) ?? '',
          }))}
        />
      )}
      {made !== undefined && (
        <Notice news title={t('api.token.made')}>
          <p>
            <code class="secret" dir="ltr">
              {made}
            </code>
          </p>
          <p>{t('api.token.once')}</p>
        </Notice>
      )}
      <p>
        <a href="/api">{t('api.title')}</a>
      </p>
      <DataTable
        caption={t('api.tokens')}
        empty={t('api.tokens.none')}
        columns={[
          { key: 'name', title: t('api.token.name') },
          { key: 'scopes', title: t('api.token.scopes') },
          { key: 'by', title: t('api.token.by') },
          { key: 'used', title: t('api.token.used') },
          { key: 'state', title: t('api.token.state') },
          { key: 'act', title: t('api.token.act') },
        ]}
        rows={tokens.map((token) => ({
          cells: {
            name: token.name,
            scopes: (
              <span dir="ltr" lang="en">
                {token.scopes.join(', ')}
              </span>
            ),
            by: <bdi>{token.madeBy}</bdi>,
            used:
              token.lastUsedAt === undefined
                ? t('api.token.never')
                : formatMoment(language, token.lastUsedAt, shell.timeZone),
            state: stateOf(ask, token, now),
            act: token.revokedAt === undefined && token.expiresAt > now && (
              <Form shell={shell} action={`${PATH}/${token.id}/revoke`}>
                <Button look="quiet">{t('api.token.revoke')}</Button>
              </Form>
            ),
          },
        }))}
      />
      <section class="card" aria-labelledby="new">
        <h2 id="new">{t('api.token.new')}</h2>
        <Form shell={shell} action={PATH}>
          <Field
            name="name"
            label={t('api.token.name')}
            hint={t('api.token.name.hint')}
            value={typed?.name}
            maxLength={60}
            error={said('name')}
          />
          <Field
            name="days"
            label={t('api.token.days')}
            hint={t('api.token.days.hint', { most: MOST_DAYS })}
            value={typed?.days ?? String(DEFAULT_DAYS)}
            maxLength={3}
            error={said('days')}
            ltr
          />
          <fieldset class="scopes" id="scopes">
            <legend>{t('api.token.scopes')}</legend>
            {offered.map((scope) => (
              <label key={scope} class="tick">
                <input
                  type="checkbox"
                  name={`scope:${scope}`}
                  value="1"
                  checked={typed?.scopes.includes(scope) ?? false}
                />
                <span lang="en" dir="ltr">
                  <code>{scope}</code> {SCOPES[scope]}
                </span>
              </label>
            ))}
          </fieldset>
          <Button>{t('api.token.make')}</Button>
        </Form>
      </section>
    </ConsolePage>
  );
}
