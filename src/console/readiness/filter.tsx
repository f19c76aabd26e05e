/** Whom to list: group, verdict or reason, beginning of the username. */
import { MARKS } from '../../insight/readiness/reason.ts';
import type { Translate } from '../../text/index.ts';
import { Field } from '../../ui/field.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { markText, PEOPLE } from './words.ts';

export interface Filtered {
  group?: string | undefined;
  mark?: string | undefined;
  search?: string | undefined;
}

export const ReadinessFilter = ({ t, filter }: { t: Translate; filter: Filtered }) => (
  <FilterForm action={PEOPLE} label={t('readiness.filter')} button={t('readiness.filter.button')}>
    <Field name="group" label={t('readiness.filter.group')} value={filter.group} maxLength={200} optional />
    <div class="field">
      <label for="mark">{t('readiness.filter.mark')}</label>
      <select class="text" id="mark" name="mark">
        {MARKS.map((mark) => (
          <option key={mark} value={mark} selected={mark === (filter.mark ?? 'not-ready')}>
            {markText(t, mark)}
          </option>
        ))}
      </select>
    </div>
    <Field name="search" label={t('readiness.filter.search')} value={filter.search} maxLength={100} optional />
  </FilterForm>
);
