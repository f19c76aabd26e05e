/**
 * `/console/settings`: settings with history. A change is saved as a proposed version first, so that a step-up, a mistake or somebody
 * else's change in between loses nothing; it takes force on the page of the version.
 */

import { readFields } from '../../http/form.ts';
import { SparekeyError } from '../../kernel/errors.ts';
import type { Conflict, Problem, Setting, SettingsService, SettingsVersion } from '../../settings/service.ts';
import { actorOf } from '../../staff/staff.ts';
import { isLanguage } from '../../text/index.ts';
import type { Area, Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { EditPage } from './edit-page.tsx';
import { HistoryPage } from './history-page.tsx';
import { OverviewPage } from './overview-page.tsx';
import { RisksPage } from './risks-page.tsx';
import { TextsPage } from './texts-page.tsx';
import { VersionPage } from './version-page.tsx';

const PATH = '/console/settings';
const PAGE = 50;
const LONGEST = 100_000;

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
const paramOf = (ask: Ask, name: string): string => String((ask.request.params as Record<string, string>)[name] ?? '');
const byOf = (ask: Ask) => ({ actor: actorOf(ask.staff), ip: ask.origin.ip });

const missing = (ask: Ask) =>
  ask.page(
    <ConsolePage ask={ask} title={ask.t('settings.title')} current="settings" failed>
      <p>{ask.t('settings.no-version')}</p>
    </ConsolePage>,
    404,
  );

/** What was typed, where it differs from what the form had shown. */
function typedOf(ask: Ask, settings: readonly Setting[]): Map<string, string> {
  const open = settings.filter(({ lockedBy }) => lockedBy === undefined);
  // Lines of text are control characters to a form otherwise.
  const rule = { max: LONGEST, secret: true, optional: true } as const;
  const rules = Object.fromEntries(
    open.flatMap(({ path }) => [
      [`value.${path}`, rule],
      [`was.${path}`, rule],
    ]),
  );
  const fields = readFields(ask.request.body, rules);
  const plain = (name: string) => (fields[name] ?? '').replaceAll('\r\n', '\n').trim();
  return new Map(
    open
      .filter(({ path }) => fields[`value.${path}`] !== undefined && plain(`value.${path}`) !== plain(`was.${path}`))
      .map(({ path }) => [path, plain(`value.${path}`)]),
  );
}

export function settingsArea(settings: SettingsService): Area {
  const { secondApproval } = settings;
  const decider = secondApproval ? 'settings.approve' : 'settings.edit';

  const versionOf = async (ask: Ask): Promise<SettingsVersion | undefined> => {
    const number = numberOf(paramOf(ask, 'number'));
    return number === undefined ? undefined : settings.find(number);
  };

  async function versionPage(
    ask: Ask,
    version: SettingsVersion,
    more: { problems?: readonly Problem[]; conflict?: Conflict; done?: boolean } = {},
    status = 200,
  ) {
    const { current } = await settings.show();
    const changes = await settings.changesOf(version);
    const outdated = version.state === 'proposed' && version.base !== current;
    const conflict = more.conflict ?? (outdated ? await settings.conflict(version.number) : undefined);
    const later = await settings.later(version);
    const page = { ask, version, changes, current, secondApproval, later };
    return ask.page(<VersionPage {...page} {...more} conflict={conflict} />, status);
  }

  return ({ get, post }) => {
    get(PATH, 'settings.view', async (ask) => {
      const [shown, waiting, risks] = [await settings.show(), await settings.waiting(), await settings.risks()];
      return ask.page(<OverviewPage ask={ask} shown={shown} waiting={waiting} risks={risks} />);
    });

    get(`${PATH}/risks`, 'settings.view', async (ask) =>
      ask.page(<RisksPage ask={ask} risks={await settings.risks()} />),
    );

    get(`${PATH}/texts`, 'settings.view', async (ask) => {
      const language = ask.query('in', 3) ?? '';
      const words = ask.query('words', 100);
      return ask.page(<TextsPage ask={ask} language={isLanguage(language) ? language : ask.language} words={words} />);
    });

    get(`${PATH}/history`, 'settings.view', async (ask) => {
      const before = numberOf(ask.query('before', 9));
      const [from, to] = [numberOf(ask.query('from', 9)), numberOf(ask.query('to', 9))];
      // One more than fits tells whether there is a next page.
      const found = await settings.history({ ...(before === undefined ? {} : { before }), limit: PAGE + 1 });
      const compared =
        from === undefined || to === undefined ? undefined : { from, to, changes: await settings.diff(from, to) };
      const { current } = await settings.show();
      const list = found.slice(0, PAGE);
      return ask.page(
        <HistoryPage
          ask={ask}
          list={list}
          current={current}
          compared={compared}
          first={before === undefined ? undefined : `${PATH}/history`}
          next={found.length > PAGE ? `${PATH}/history?before=${list.at(-1)?.number}` : undefined}
        />,
      );
    });

    get(`${PATH}/edit/:section`, 'settings.view', async (ask) => {
      const section = paramOf(ask, 'section');
      const { current, settings: all } = await settings.show();
      const list = all.filter((one) => one.section === section);
      if (list.length === 0) return missing(ask);
      return ask.page(<EditPage ask={ask} section={section} settings={list} base={current} />);
    });

    post(
      `${PATH}/propose`,
      'settings.edit',
      async (ask) => {
        const { section, base, comment } = readFields(ask.request.body, {
          section: { max: 100 },
          base: { max: 9 },
          comment: { max: 500, optional: true },
        });
        const begun = numberOf(base);
        if (begun === undefined) throw new SparekeyError('bad-request', 'The form names no version.');
        const { current, settings: all } = await settings.show();
        const list = all.filter((one) => one.section === section);
        if (list.length === 0) return missing(ask);
        const typed = typedOf(ask, list);
        const changes = [...typed].map(([path, text]) => ({ path, after: settings.typed(path, text) }));
        const outcome = await settings.propose({ base: begun, changes, comment: comment?.trim() ?? '' }, byOf(ask));
        if (outcome.is === 'proposed') return ask.go(`${PATH}/versions/${outcome.number}`);
        const page = { ask, section, settings: list, base: current, typed, comment: comment ?? '' };
        if (outcome.is === 'conflict') return ask.page(<EditPage {...page} conflict={outcome} />, 409);
        if (outcome.is === 'invalid') return ask.page(<EditPage {...page} problems={outcome.problems} />, 422);
        return ask.page(<EditPage {...page} unchanged />);
      },
      { bodyLimit: 4 * LONGEST },
    );

    get(`${PATH}/versions/:number`, 'settings.view', async (ask) => {
      const version = await versionOf(ask);
      return version ? versionPage(ask, version, { done: ask.query('done') !== undefined }) : missing(ask);
    });

    post(
      `${PATH}/versions/:number/apply`,
      decider,
      async (ask) => {
        const version = await versionOf(ask);
        if (!version) return missing(ask);
        const outcome = await settings.apply(version.number, byOf(ask));
        if (outcome.is === 'invalid') return versionPage(ask, version, { problems: outcome.problems }, 422);
        if (outcome.is === 'conflict') return versionPage(ask, version, { conflict: outcome }, 409);
        return ask.go(`${PATH}/versions/${version.number}${outcome.is === 'applied' ? '?done=1' : ''}`);
      },
      { stepUp: true },
    );

    const end = (act: 'reject' | 'withdraw', own: boolean) =>
      post(`${PATH}/versions/:number/${act}`, own ? 'settings.edit' : decider, async (ask) => {
        const version = await versionOf(ask);
        if (!version) return missing(ask);
        if (!own || version.author === actorOf(ask.staff)) await settings.reject(version.number, byOf(ask));
        return ask.go(`${PATH}/versions/${version.number}`);
      });
    end('reject', false);
    end('withdraw', true);

    post(`${PATH}/versions/:number/again`, 'settings.edit', async (ask) => {
      const version = await versionOf(ask);
      if (!version) return missing(ask);
      const outcome = await settings.again(version.number, byOf(ask));
      if (outcome.is === 'invalid') return versionPage(ask, version, { problems: outcome.problems }, 422);
      return ask.go(`${PATH}/versions/${outcome.is === 'proposed' ? outcome.number : version.number}`);
    });

    post(`${PATH}/versions/:number/rollback`, 'settings.edit', async (ask) => {
      const version = await versionOf(ask);
      if (!version) return missing(ask);
      const { comment = '' } = readFields(ask.request.body, { comment: { max: 500, optional: true } });
      const outcome = await settings.rollBack(version.number, comment.trim(), byOf(ask));
      if (outcome.is === 'invalid') return versionPage(ask, version, { problems: outcome.problems }, 422);
      return ask.go(`${PATH}/versions/${outcome.is === 'proposed' ? outcome.number : version.number}`);
    });
  };
}
