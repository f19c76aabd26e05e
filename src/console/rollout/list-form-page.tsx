/** A list is pasted in: what it is, and its lines. Nothing is carried out before somebody has seen what it would do. */
import { Button } from '../../ui/button.tsx';
import { ErrorSummary } from '../../ui/error-summary.tsx';
import { Field, FieldFrame } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { KINDS, kindText, LISTS } from './words.ts';

/** Characters. Longer lists come by command. */
export const LONGEST_LIST = 4_000_000;

export interface ListFormPageProps {
  ask: Ask;
  kind: string;
  name: string;
  /** Why it can't be used, in English. */
  problem?: string | undefined;
  vouched: boolean;
  hasAttributes: boolean;
}

export function ListFormPage({ ask, kind, name, problem, vouched, hasAttributes }: ListFormPageProps) {
  const { t, shell } = ask;
  return (
    <ConsolePage ask={ask} title={t('rollout.list.new')} current="rollout" failed={problem !== undefined}>
      {problem !== undefined && (
        <ErrorSummary title={t('rollout.list.unusable')} mistakes={[{ text: problem, field: 'text' }]} />
      )}
      <p>{t('rollout.list.lead')}</p>
      <Notice tone={vouched ? 'wait' : 'plain'}>
        <p>{t(vouched ? 'rollout.list.vouched' : 'rollout.list.unconfirmed')}</p>
      </Notice>
      <Form shell={shell} action={LISTS}>
        <FieldFrame id="kind" label={t('rollout.kind')}>
          <select class="text" id="kind" name="kind">
            {KINDS.filter((one) => one !== 'attributes' || hasAttributes).map((one) => (
              <option key={one} value={one} selected={one === kind}>
                {kindText(t, one)}
              </option>
            ))}
          </select>
        </FieldFrame>
        <Field name="name" label={t('rollout.list.name')} value={name} maxLength={100} optional />
        <FieldFrame id="text" label={t('rollout.list.text')} hint={t('rollout.list.hint')}>
          <textarea
            class="text yaml"
            id="text"
            name="text"
            rows={14}
            dir="ltr"
            spellcheck={false}
            maxLength={LONGEST_LIST}
            aria-describedby="text-hint"
            placeholder={'username,mail,phone,language\nmia,mia@home.example,+49 30 123456,de'}
          />
        </FieldFrame>
        <Button>{t('rollout.list.look')}</Button>
      </Form>
    </ConsolePage>
  );
}
