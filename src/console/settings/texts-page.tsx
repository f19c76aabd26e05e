/** Finds the key of a text by its words, so that it can be replaced by one of one's own. */
import { catalogues, type Language, languageInfo, languages } from '../../text/index.ts';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { FilterForm } from '../parts/filter-form.tsx';

const MOST = 50;

export function findTexts(language: Language, words: string): [string, string][] {
  const wanted = words.toLowerCase();
  return Object.entries(catalogues[language])
    .filter(([key, text]) => key.includes(wanted) || text.toLowerCase().includes(wanted))
    .slice(0, MOST);
}

export function TextsPage({ ask, language, words }: { ask: Ask; language: Language; words: string | undefined }) {
  const { t } = ask;
  const { direction } = languageInfo(language);
  return (
    <ConsolePage ask={ask} title={t('settings.texts.find')} current="settings">
      <p>
        <a href="/console/settings/edit/wording">{t('settings.texts.edit')}</a>
      </p>
      <p>{t('settings.texts.lead')}</p>
      <FilterForm action="/console/settings/texts" label={t('settings.texts.find')} button={t('settings.texts.button')}>
        <Select
          name="in"
          label={t('settings.texts.language')}
          empty={languageInfo(ask.language).name}
          options={languages.map(({ code, name }) => ({ value: code, text: name }))}
          selected={language}
        />
        <Field name="words" label={t('settings.texts.words')} value={words} maxLength={100} optional />
      </FilterForm>
      {words !== undefined && (
        <DataTable
          caption={t('settings.texts.found')}
          empty={t('settings.texts.none')}
          columns={[
            { key: 'key', title: t('settings.texts.key') },
            { key: 'text', title: t('settings.texts.text') },
          ]}
          rows={findTexts(language, words).map(([key, text]) => ({
            cells: {
              key: <code dir="ltr">{key}</code>,
              text: (
                <span lang={language} dir={direction}>
                  {text}
                </span>
              ),
            },
          }))}
        />
      )}
    </ConsolePage>
  );
}
