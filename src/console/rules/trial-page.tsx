/** What would happen to one person now, from the first gate to who is told. */
import type { Trial } from '../../insight/trial/trial.ts';
import type { TextKey, Translate } from '../../text/index.ts';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';

const methodText = (t: Translate, method: string): string => t(`method.${method}.name` as TextKey);
const listText = (items: readonly string[], none: string): string => (items.length > 0 ? items.join(', ') : none);

export function TrialPage({ ask, trial }: { ask: Ask; trial: Trial }) {
  const { t } = ask;
  const { account, end, rule, preflight, routes, ways, missing, risk, password, systems, told, gates } = trial;
  const none = t('readiness.trial.nothing');
  const path = (methods: readonly string[]) => methods.map((method) => methodText(t, method)).join(' + ');
  const cause = 'cause' in preflight ? preflight.cause : undefined;
  const riskText = ({ is, says }: Trial['risk']['usual']) => (
    <>
      {t(`readiness.trial.risk.${is}`)}{' '}
      <span class="soft" lang="en" dir="ltr">
        {says}
      </span>
    </>
  );
  return (
    <ConsolePage ask={ask} title={t('readiness.trial.result', { name: account.displayName })} current="rules">
      <Notice tone={end === 'new-password' ? 'plain' : 'bad'} title={t(`readiness.trial.end.${end}`)}>
        <p>{t('readiness.trial.unchanged')}</p>
        {end !== 'new-password' && cause && (
          <p lang="en" dir="ltr">
            {cause}
          </p>
        )}
      </Notice>
      <Facts
        items={[
          [t('readiness.username'), account.username],
          [t('readiness.trial.rule'), rule.name],
          [t('readiness.trial.gates'), gates === undefined ? none : String(gates)],
          [
            t('readiness.trial.routes'),
            routes.length === 0 ? (
              none
            ) : (
              <ul>
                {routes.map((route) => (
                  <li key={route.join()}>{path(route)}</li>
                ))}
              </ul>
            ),
          ],
          ...(missing.length > 0
            ? [
                [
                  t('readiness.trial.missing'),
                  missing
                    .slice(0, 5)
                    .map(path)
                    .join(` ${t('readiness.trial.or')} `),
                ] as const,
              ]
            : []),
          [t('readiness.trial.directory'), t(`readiness.trial.directory.${preflight.is}`)],
          [t('readiness.trial.risk.usual'), riskText(risk.usual)],
          [t('readiness.trial.risk.strange'), riskText(risk.strange)],
          [t('readiness.trial.systems'), listText(systems, none)],
          [t('readiness.trial.told'), <bdi key="told">{listText(told, none)}</bdi>],
        ]}
      />
      <DataTable
        caption={t('readiness.trial.ways')}
        empty={t('readiness.reason.never-enrolled')}
        columns={[
          { key: 'method', title: t('readiness.trial.way') },
          { key: 'label', title: t('readiness.name') },
          { key: 'state', title: t('readiness.trial.state') },
        ]}
        rows={ways.map(({ method, label, state }) => ({
          cells: {
            method: methodText(t, method),
            label: <bdi>{label}</bdi>,
            state:
              rule.methods.includes(method) || rule.also.includes(method)
                ? t(`readiness.trial.state.${state}`)
                : t('readiness.reason.method-not-allowed'),
          },
        }))}
      />
      <h2>{t('readiness.trial.password')}</h2>
      <ul>
        {password.map(({ id, value = 0 }) => (
          <li key={id}>{t(`rule.${id}` as TextKey, { n: value })}</li>
        ))}
      </ul>
      <p>
        <a href="/console/rules">{t('readiness.rules.again')}</a>
      </p>
    </ConsolePage>
  );
}
