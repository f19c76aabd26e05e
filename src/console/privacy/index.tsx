/** `/console/privacy`: what is kept for how long; somebody's data given out or erased, with a fresh proof and a reason. */
import { holdsNumber } from '../../flow/assisted/note.ts';
import { readFields } from '../../http/form.ts';
import type { PrivacyService, Sought } from '../../privacy/service.ts';
import { actorOf } from '../../staff/staff.ts';
import type { Area, Ask } from '../console.ts';
import { nameOf, PrivacyPage, type PrivacyPageProps } from './privacy-page.tsx';
import { type KeepSettings, PATH } from './words.ts';

export interface PrivacyAreaDeps {
  privacy: PrivacyService;
  settings: KeepSettings;
  /** Who does it, as people know them. */
  helper: string;
}

type Found = Extract<Sought, { is: 'found' }>;

export function privacyArea({ privacy, settings, helper }: PrivacyAreaDeps): Area {
  async function show(ask: Ask, more: Partial<PrivacyPageProps> = {}, status = 200) {
    const all = ask.staff.scope.is === 'everybody';
    const leavers = all ? await privacy.leavers.state() : undefined;
    const deleted = await privacy.deletedLately();
    return ask.page(
      <PrivacyPage ask={ask} settings={settings} deleted={deleted} leavers={leavers} {...more} />,
      status,
    );
  }

  const notFound = (ask: Ask, who: string, { is }: Exclude<Sought, Found>) =>
    show(ask, { who, problem: is }, is === 'unavailable' ? 503 : 404);

  const by = ({ staff, origin }: Ask) => ({ actor: actorOf(staff), ip: origin.ip });

  return ({ get, post }) => {
    get(PATH, 'privacy.act', async (ask) => {
      const who = ask.query('who', 256);
      if (who === undefined) return show(ask);
      const found = await privacy.find(ask.staff, who);
      return found.is === 'found' ? show(ask, { who, subject: found.subject }) : notFound(ask, who, found);
    });

    post(
      `${PATH}/export`,
      'privacy.act',
      async (ask) => {
        const { who } = readFields(ask.request.body, { who: { max: 256 } });
        const found = await privacy.find(ask.staff, who);
        if (found.is !== 'found') return notFound(ask, who, found);
        const file = await privacy.file(found.subject, by(ask));
        return ask.file('person.json', 'application/json; charset=utf-8', JSON.stringify(file, null, 2));
      },
      { stepUp: true },
    );

    post(
      `${PATH}/erase`,
      'privacy.act',
      async (ask) => {
        const rules = { who: { max: 256 }, reason: { max: 200 }, confirm: { max: 256 } };
        const { who, reason, confirm } = readFields(ask.request.body, rules);
        const found = await privacy.find(ask.staff, who);
        if (found.is !== 'found') return notFound(ask, who, found);
        const { subject } = found;
        const mistakes: PrivacyPageProps['mistakes'] = [
          ...(reason.trim() === '' ? ['reason' as const] : []),
          ...(holdsNumber(reason) ? ['number' as const] : []),
          ...(confirm.trim().toLowerCase() === nameOf(subject).toLowerCase() ? [] : ['confirm' as const]),
        ];
        if (mistakes.length > 0) return show(ask, { who, subject, mistakes }, 422);
        const erased = await privacy.erase(subject, { ...by(ask), helper, reason: reason.trim() });
        return erased.is === 'erased' ? show(ask, { erased }) : show(ask, { who, subject, erased }, 409);
      },
      { stepUp: true },
    );

    post(
      `${PATH}/accept`,
      'privacy.act',
      async (ask) => {
        const { missing } = readFields(ask.request.body, { missing: { max: 12 } });
        const state = await privacy.leavers.state();
        // What was agreed to is what stood on the page.
        if (ask.staff.scope.is === 'everybody' && String(state?.missing) === missing)
          await privacy.leavers.accept(by(ask));
        return ask.go(PATH);
      },
      { stepUp: true },
    );
  };
}
