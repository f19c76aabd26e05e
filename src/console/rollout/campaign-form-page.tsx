/** A new campaign: whom, how often, when; first it shows whom it would reach, then it begins. */
import type { CampaignFault } from '../../rollout/campaigns.ts';
import { languageInfo, languages, type TextKey } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorSummary } from '../../ui/error-summary.tsx';
import { Field, FieldFrame } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { CAMPAIGNS, WHO } from './words.ts';

/** As typed. */
export interface CampaignInput {
  name: string;
  who: string;
  groups: string;
  everyDays: string;
  most: string;
  startsOn: string;
  texts: Readonly<Record<string, string>>;
}

export const FIELDS: Record<CampaignFault, string> = {
  name: 'name',
  groups: 'groups',
  'every-days': 'everyDays',
  most: 'most',
  'starts-at': 'startsOn',
  text: 'text-en',
};

export interface CampaignFormPageProps {
  ask: Ask;
  input: CampaignInput;
  faults?: readonly CampaignFault[];
  /** Whom it would reach. */
  audience?: { people: number; first: readonly string[] } | undefined;
}

export function CampaignFormPage({ ask, input, faults = [], audience }: CampaignFormPageProps) {
  const { t, shell } = ask;
  const said = (fault: CampaignFault) => (faults.includes(fault) ? t(`rollout.fault.${fault}` as TextKey) : undefined);
  return (
    <ConsolePage ask={ask} title={t('rollout.campaign.new')} current="rollout" failed={faults.length > 0}>
      {faults.length > 0 && (
        <ErrorSummary
          title={t('mistake.missing')}
          mistakes={faults.map((fault) => ({ field: FIELDS[fault], text: said(fault) ?? '' }))}
        />
      )}
      {audience && (
        <Notice news title={t('rollout.audience', { n: audience.people })}>
          {audience.first.length > 0 && (
            <p>
              {t('rollout.audience.first')} <bdi>{audience.first.join(', ')}</bdi>
            </p>
          )}
          <p>{t('rollout.audience.note')}</p>
        </Notice>
      )}
      <Form shell={shell} action={CAMPAIGNS}>
        <Field name="name" label={t('rollout.name')} value={input.name} maxLength={80} error={said('name')} />
        <FieldFrame id="who" label={t('rollout.who')}>
          <select class="text" id="who" name="who">
            {WHO.map((who) => (
              <option key={who} value={who} selected={who === input.who}>
                {t(`rollout.who.${who}`)}
              </option>
            ))}
          </select>
        </FieldFrame>
        <FieldFrame id="groups" label={t('rollout.groups')} hint={t('rollout.groups.hint')} error={said('groups')}>
          <textarea
            class="text"
            id="groups"
            name="groups"
            rows={3}
            dir="auto"
            spellcheck={false}
            maxLength={6_000}
            aria-describedby="groups-hint"
          >
            {input.groups}
          </textarea>
        </FieldFrame>
        <Field
          name="everyDays"
          label={t('rollout.every')}
          hint={t('rollout.every.hint')}
          value={input.everyDays}
          maxLength={3}
          error={said('every-days')}
          ltr
        />
        <Field
          name="most"
          label={t('rollout.most')}
          hint={t('rollout.most.hint')}
          value={input.most}
          maxLength={2}
          error={said('most')}
          ltr
        />
        <Field
          name="startsOn"
          label={t('rollout.starts')}
          hint={t('rollout.starts.hint')}
          value={input.startsOn}
          maxLength={10}
          error={said('starts-at')}
          optional
          ltr
        />
        <details>
          <summary>{t('rollout.words')}</summary>
          <p class="hint">{t('rollout.words.hint')}</p>
          {languages.map(({ code }) => (
            <FieldFrame key={code} id={`text-${code}`} label={languageInfo(code).name} error={said('text')}>
              <textarea
                class="text"
                id={`text-${code}`}
                name={`text-${code}`}
                rows={3}
                lang={code}
                dir="auto"
                maxLength={600}
              >
                {input.texts[code] ?? ''}
              </textarea>
            </FieldFrame>
          ))}
        </details>
        <p class="row">
          <Button look={audience ? 'quiet' : 'main'} name="act" value="look">
            {t('rollout.look')}
          </Button>
          {audience && (
            <Button name="act" value="begin">
              {t('rollout.begin')}
            </Button>
          )}
        </p>
      </Form>
    </ConsolePage>
  );
}
