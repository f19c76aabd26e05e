/** `/console/rollout`: phases, reminder campaigns and lists from outside. For whoever may act for everybody. */
import type { FlowDeps } from '../../flow/deps.ts';
import { readFields } from '../../http/form.ts';
import { campaignFaults, type NewCampaign } from '../../rollout/campaigns.ts';
import { textBytes } from '../../rollout/import/encoding.ts';
import { UnusableFile } from '../../rollout/import/entry.ts';
import type { LineState } from '../../rollout/import/imports.ts';
import { importReport } from '../../rollout/import/report.ts';
import type { Rollout } from '../../rollout.ts';
import { actorOf } from '../../staff/staff.ts';
import { languages } from '../../text/index.ts';
import type { Area, Ask } from '../console.ts';
import { DoorPage } from '../door-page.tsx';
import { CampaignFormPage, type CampaignInput } from './campaign-form-page.tsx';
import { CampaignPage } from './campaign-page.tsx';
import { ListFormPage, LONGEST_LIST } from './list-form-page.tsx';
import { isWorking, ListPage } from './list-page.tsx';
import { RolloutPage } from './overview-page.tsx';
import { CAMPAIGNS, KINDS, LISTS, PATH, WHO } from './words.ts';

export interface RolloutAreaDeps {
  flow: Pick<FlowDeps, 'clock'>;
  rollout: Rollout;
}

const PAGE = 100;
const STATES: readonly LineState[] = ['read', 'ready', 'done', 'same', 'refused'];
/** Percent-encoded, a character may take nine bytes. */
const LIST_BYTES = 3 * LONGEST_LIST;

const lined = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ),
];

const inputOf = (body: unknown): CampaignInput & { act: string } => {
  const small = { max: 100 };
  const fields = readFields(body, {
    name: { max: 200 },
    who: small,
    // Line breaks are all that is not plain text in them.
    groups: { max: 8_000, secret: true },
    everyDays: small,
    most: small,
    startsOn: { max: 100, optional: true },
    act: small,
  });
  const texts = languages.map(({ code }) => {
    const name = `text-${code}`;
    return [code, readFields(body, { [name]: { max: 1_000, optional: true, secret: true } })[name] ?? ''] as const;
  });
  return { ...fields, startsOn: fields.startsOn ?? '', texts: Object.fromEntries(texts) };
};

const whole = (text: string): number => (/^\d{1,3}$/.test(text.trim()) ? Number(text) : Number.NaN);

export function rolloutArea({ flow, rollout }: RolloutAreaDeps): Area {
  const { campaigns, imports } = rollout;

  const campaignOf = (input: CampaignInput): NewCampaign => ({
    name: input.name.trim(),
    who: WHO.find((one) => one === input.who) ?? 'never-enrolled',
    groups: lined(input.groups),
    texts: Object.fromEntries(
      Object.entries(input.texts).map(([code, text]) => [code, text.replace(/\s+/g, ' ').trim()]),
    ),
    everyDays: whole(input.everyDays),
    most: whole(input.most),
    startsAt: input.startsOn.trim() === '' ? flow.clock.now() : (rollout.beginOf(input.startsOn.trim()) ?? Number.NaN),
  });

  /** What happens here concerns everybody, so it is not for a part of them. */
  const everybody =
    (answer: (ask: Ask) => ReturnType<Parameters<Parameters<Area>[0]['get']>[2]>) =>
    async (ask: Ask): ReturnType<Parameters<Parameters<Area>[0]['get']>[2]> =>
      ask.staff.scope.is === 'everybody'
        ? answer(ask)
        : ask.page(DoorPage({ t: ask.t, shell: ask.shell, why: 'no-right' }), 403);

  const idOf = (ask: Ask): string => String((ask.request.params as { id?: string }).id ?? '').slice(0, 60);
  const nothing = (ask: Ask) => ask.go(PATH);

  return ({ get, post }) => {
    get(
      PATH,
      'rollout.view',
      everybody(async (ask) =>
        ask.page(
          <RolloutPage
            ask={ask}
            phases={rollout.phases()}
            campaigns={await campaigns.list()}
            lists={await imports.list()}
            quietUntil={campaigns.quietUntil()}
          />,
        ),
      ),
    );

    get(
      `${CAMPAIGNS}/new`,
      'rollout.edit',
      everybody(async (ask) => {
        const input = { name: '', who: WHO[0], groups: '', everyDays: '7', most: '4', startsOn: '', texts: {} };
        return ask.page(<CampaignFormPage ask={ask} input={input} />);
      }),
    );

    post(
      CAMPAIGNS,
      'rollout.edit',
      everybody(async (ask) => {
        const input = inputOf(ask.request.body);
        const campaign = campaignOf(input);
        const faults = campaignFaults(campaign);
        if (faults.length > 0) return ask.page(<CampaignFormPage ask={ask} input={input} faults={faults} />, 422);
        if (input.act !== 'begin') {
          const { people, first } = await campaigns.audience(campaign);
          const audience = { people, first: first.map(({ displayName }) => displayName) };
          return ask.page(<CampaignFormPage ask={ask} input={input} audience={audience} />);
        }
        return ask.go(`${CAMPAIGNS}/${await campaigns.create(campaign, actorOf(ask.staff))}`);
      }),
      { stepUp: true },
    );

    get(
      `${CAMPAIGNS}/:id`,
      'rollout.view',
      everybody(async (ask) => {
        const campaign = await campaigns.find(idOf(ask));
        if (!campaign) return nothing(ask);
        const progress = await campaigns.progress(campaign.id);
        return ask.page(
          <CampaignPage ask={ask} campaign={campaign} progress={progress} quietUntil={campaigns.quietUntil()} />,
        );
      }),
    );

    post(
      `${CAMPAIGNS}/:id/act`,
      'rollout.edit',
      everybody(async (ask) => {
        const { act } = readFields(ask.request.body, { act: { max: 20 } });
        const [id, by] = [idOf(ask), actorOf(ask.staff)];
        if (act === 'pause') await campaigns.pause(id, by);
        if (act === 'resume') await campaigns.resume(id, by);
        if (act === 'end') await campaigns.end(id, by);
        if (act === 'send-now') await campaigns.sendNow(id, by);
        return ask.go(`${CAMPAIGNS}/${id}`);
      }),
      { stepUp: true },
    );

    const form = (ask: Ask, kind: string, name: string, problem?: string) =>
      ask.page(
        <ListFormPage
          ask={ask}
          kind={kind}
          name={name}
          problem={problem}
          vouched={rollout.trust === 'vouched'}
          hasAttributes={rollout.hasAttributes}
        />,
        problem === undefined ? 200 : 422,
      );

    get(
      `${LISTS}/new`,
      'rollout.edit',
      everybody(async (ask) => form(ask, 'csv', '')),
    );

    post(
      LISTS,
      'rollout.edit',
      everybody(async (ask) => {
        const fields = readFields(ask.request.body, {
          kind: { max: 20 },
          name: { max: 200, optional: true },
          // Of any encoding, with anything in it: each line is looked at by itself.
          text: { max: LONGEST_LIST, secret: true },
        });
        const kind = KINDS.find((one) => one === fields.kind);
        if (!kind) return nothing(ask);
        const typed = (fields.name ?? '').trim();
        const name = typed || ask.t(`rollout.kind.${kind}`);
        const one = { name, actor: actorOf(ask.staff) };
        try {
          const id =
            kind === 'attributes'
              ? await imports.take({ ...one, kind }, rollout.entriesOfDirectory)
              : await imports.read({ ...one, kind }, () => textBytes(fields.text), { encoding: 'utf-8' });
          return ask.go(`${LISTS}/${id}`);
        } catch (error) {
          if (error instanceof UnusableFile) return form(ask, kind, typed, error.message);
          throw error;
        }
      }),
      { stepUp: true, bodyLimit: LIST_BYTES },
    );

    get(
      `${LISTS}/:id`,
      'rollout.view',
      everybody(async (ask) => {
        const list = await imports.find(idOf(ask));
        if (!list) return nothing(ask);
        const shown = STATES.find((state) => state === ask.query('state', 10));
        const typed = ask.query('after', 9);
        const after = typed !== undefined && /^\d+$/.test(typed) ? Number(typed) : 0;
        const lines = await imports.lines(list.id, { state: shown, after, limit: PAGE });
        const at = `${LISTS}/${list.id}?${shown ? `state=${shown}&` : ''}`;
        if (isWorking(list)) ask.reply.header('refresh', '3');
        return ask.page(
          <ListPage
            ask={ask}
            list={list}
            counts={await imports.counts(list.id)}
            lines={lines}
            shown={shown}
            first={after > 0 ? at.slice(0, -1) : undefined}
            next={lines.length === PAGE ? `${at}after=${lines.at(-1)?.line}` : undefined}
          />,
        );
      }),
    );

    get(
      `${LISTS}/:id/report.csv`,
      'rollout.view',
      everybody(async (ask) => {
        const list = await imports.find(idOf(ask));
        if (!list) return nothing(ask);
        return ask.file('report.csv', 'text/csv; charset=utf-8', importReport(imports, list.id));
      }),
    );

    post(
      `${LISTS}/:id/act`,
      'rollout.edit',
      everybody(async (ask) => {
        const { act } = readFields(ask.request.body, { act: { max: 20 } });
        const [id, actor] = [idOf(ask), actorOf(ask.staff)];
        if (act === 'apply') await imports.apply(id, { all: false, actor });
        if (act === 'cancel') await imports.cancel(id, actor);
        return ask.go(`${LISTS}/${id}`);
      }),
      { stepUp: true },
    );
  };
}
