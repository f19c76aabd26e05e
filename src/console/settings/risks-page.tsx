/** Risky settings, each with why and what to do. English: they name keys of the configuration. */
import type { Risk } from '../../settings/service.ts';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';

export const RisksPage = ({ ask, risks }: { ask: Ask; risks: readonly Risk[] }) => {
  const { t } = ask;
  return (
    <ConsolePage ask={ask} title={t('settings.risks')} current="settings">
      <p>
        <a href="/console/settings">{t('settings.back')}</a>
      </p>
      <p>{t(risks.length === 0 ? 'settings.risks.none' : 'settings.risks.lead')}</p>
      {risks.map(({ id, path, weight, what, why, fix }) => (
        <section class="card" key={`${id}${path}`}>
          <h2>
            <code lang="en" dir="ltr">
              {path}
            </code>
          </h2>
          <p>
            <strong>{t(`settings.risks.${weight}`)}</strong>
          </p>
          <dl class="terms">
            <div>
              <dt>{t('settings.risks.what')}</dt>
              <dd lang="en" dir="ltr">
                {what}
              </dd>
            </div>
            <div>
              <dt>{t('settings.risks.why')}</dt>
              <dd lang="en" dir="ltr">
                {why}
              </dd>
            </div>
            <div>
              <dt>{t('settings.risks.fix')}</dt>
              <dd lang="en" dir="ltr">
                {fix}
              </dd>
            </div>
          </dl>
        </section>
      ))}
    </ConsolePage>
  );
};
