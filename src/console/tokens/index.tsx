/** `/console/tokens`: make and revoke tokens of the API. Nobody hands on more than they may themself. */
import { mayHandOn, type Scope, scopes } from '../../flow/api/scopes.ts';
import type { Tokens } from '../../flow/api/tokens.ts';
import { readFields } from '../../http/form.ts';
import type { Clock } from '../../kernel/clock.ts';
import { actorOf } from '../../staff/staff.ts';
import type { Area, Ask } from '../console.ts';
import { PATH, TokensPage, type TokensPageProps } from './tokens-page.tsx';

export function tokensArea({ tokens, clock }: { tokens: Tokens; clock: Clock }): Area {
  const offeredTo = ({ staff }: Ask): Scope[] => scopes.filter((scope) => mayHandOn(staff.rights, [scope]));

  const page = async (ask: Ask, more: Partial<TokensPageProps> = {}, status = 200) =>
    ask.page(
      <TokensPage ask={ask} tokens={await tokens.list()} offered={offeredTo(ask)} now={clock.now()} {...more} />,
      status,
    );

  return ({ get, post }) => {
    get(PATH, 'tokens.manage', (ask) => page(ask));

    post(
      PATH,
      'tokens.manage',
      async (ask) => {
        const { body } = ask.request;
        const { name, days } = readFields(body, { name: { max: 200 }, days: { max: 20 } });
        const ticked = scopes.filter((scope) => Object.hasOwn(body as object, `scope:${scope}`));
        const lasts = /^\d{1,3}$/.test(days.trim()) ? Number(days) : Number.NaN;
        const made = await tokens.create(
          { name, scopes: ticked, days: lasts },
          { actor: actorOf(ask.staff), own: ask.staff.rights, ip: ask.origin.ip },
        );
        if (made.is === 'made') return page(ask, { made: made.token }, 201);
        return page(ask, { faults: made.faults, typed: { name, days, scopes: ticked } }, 422);
      },
      { stepUp: true },
    );

    post(
      `${PATH}/:id/revoke`,
      'tokens.manage',
      async (ask) => {
        await tokens.revoke(String((ask.request.params as { id?: string }).id ?? '').slice(0, 60), actorOf(ask.staff));
        return ask.go(PATH);
      },
      { stepUp: true },
    );
  };
}
