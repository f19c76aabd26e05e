/** One list: how far it is, what each line would do, and the choice: all lines, the good ones, or none. */
import type { Import, Line, LineState } from '../../rollout/import/imports.ts';
import { formatMoment } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Form } from '../../ui/form.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';
import { Figures } from '../parts/figures.tsx';
import { Pager } from '../parts/pager.tsx';
import { kindText, LISTS, listState } from './words.ts';

export interface ListPageProps {
  ask: Ask;
  list: Import;
  counts: Record<LineState, number>;
  lines: readonly Line[];
  shown: LineState | undefined;
  first?: string | undefined;
  next?: string | undefined;
}

export const isWorking = ({ state }: Pick<Import, 'state'>): boolean =>
  state === 'reading' || state === 'checking' || state === 'applying';

const shares = { reading: () => 0, checking: (one: Import) => one.checked, applying: (one: Import) => one.applied };

function Working({ ask: { t, language }, list, all }: { ask: Ask; list: Import; all: number }) {
  const done = list.state in shares ? shares[list.state as keyof typeof shares](list) : 0;
  return (
    <Notice title={listState(t, list)}>
      <p>{t('rollout.list.progress', { done: done.toLocaleString(language), all: all.toLocaleString(language) })}</p>
      <progress value={done} max={Math.max(1, all)} aria-label={listState(t, list)} />
      {list.problem !== undefined && (
        <p lang="en" dir="ltr">
          {list.problem}
        </p>
      )}
    </Notice>
  );
}

export function ListPage({ ask, list, counts, lines, shown, first, next }: ListPageProps) {
  const { t, language, shell } = ask;
  const at = `${LISTS}/${list.id}`;
  const number = (n: number) => n.toLocaleString(language);
  const good = list.state === 'done' ? counts.done : counts.ready + counts.done;
  const edits = ask.staff.rights.has('rollout.edit');
  const tabs: (LineState | undefined)[] = [undefined, 'refused', list.state === 'done' ? 'done' : 'ready', 'same'];
  return (
    <ConsolePage ask={ask} title={list.name} current="rollout">
      {isWorking(list) && (
        <Working ask={ask} list={list} all={list.state === 'applying' ? counts.ready + counts.done : list.lines} />
      )}
      <Figures
        items={[
          { label: t('rollout.lines'), value: number(list.lines) },
          {
            label: t(list.state === 'done' ? 'rollout.line.done' : 'rollout.line.ready'),
            value: number(good),
            tone: 'good',
          },
          { label: t('rollout.line.same'), value: number(counts.same) },
          {
            label: t('rollout.line.refused'),
            value: number(counts.refused),
            tone: counts.refused > 0 ? 'bad' : undefined,
          },
        ]}
      />
      <section class="card">
        <Facts
          items={[
            [t('rollout.state'), listState(t, list)],
            [t('rollout.kind'), kindText(t, list.kind)],
            [t('rollout.by'), <bdi>{list.actor}</bdi>],
            [t('rollout.when'), formatMoment(language, list.createdAt, shell.timeZone)],
          ]}
        />
        {list.notes.length > 0 && (
          <ul lang="en" dir="ltr">
            {list.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        <p>
          <a href={`${at}/report.csv`}>{t('rollout.list.report')}</a>
        </p>
        {edits && list.state === 'checked' && (
          <Form shell={shell} action={`${at}/act`}>
            <p>
              {counts.refused > 0
                ? t('rollout.list.some-refused', { n: counts.refused })
                : t('rollout.list.none-refused')}
            </p>
            <p class="row">
              {counts.ready > 0 && (
                <Button name="act" value="apply">
                  {t('rollout.list.apply', { n: counts.ready })}
                </Button>
              )}
              <Button look="danger" name="act" value="cancel">
                {t('rollout.list.cancel')}
              </Button>
            </p>
          </Form>
        )}
      </section>
      <p class="tabs">
        {tabs.map((state) => (
          <a
            key={state ?? 'all'}
            href={state ? `${at}?state=${state}` : at}
            aria-current={state === shown ? 'page' : undefined}
          >
            {t(state ? `rollout.line.${state}` : 'rollout.line.all')}
          </a>
        ))}
      </p>
      <DataTable
        caption={t('rollout.list.lines')}
        empty={t('rollout.list.no-lines')}
        columns={[
          { key: 'line', title: t('rollout.line'), numeric: true },
          { key: 'who', title: t('rollout.line.who') },
          { key: 'state', title: t('rollout.state') },
          { key: 'says', title: t('rollout.line.note') },
        ]}
        rows={lines.map((one) => ({
          cells: {
            line: number(one.line),
            who: <bdi>{one.username}</bdi>,
            state: t(`rollout.line.${one.state}`),
            says: (
              <span lang="en" dir="ltr">
                {one.says}
              </span>
            ),
          },
        }))}
      />
      <Pager t={t} first={first} next={next} />
    </ConsolePage>
  );
}
