/** `/change`: a known password for a new one, also when the directory says expired or must-change. */
import type { Person } from '../../flow/enrolment/service.ts';
import { readFields } from '../../http/form.ts';
import { Secret } from '../../kernel/secret.ts';
import { paths } from '../../ui/paths.ts';
import { ChangeDonePage } from '../pages/change-done-page.tsx';
import { type ChangeError, ChangePage, type ChangePageProps } from '../pages/change-page.tsx';
import { newPasswordAnswer, suggestedBy, wantsJson } from '../pages/new-password-answer.ts';
import { OutcomePage } from '../pages/outcome-page.tsx';
import { ruleView } from '../pages/rule-view.ts';
import type { Routes, Visit } from '../portal.ts';

const PASSWORD = { max: 2_048, secret: true } as const;

export const changeRoutes: Routes = (app, portal) => {
  const { change, passwords, cookies, floor, signInUrl } = portal.deps;

  const form = async (visit: Visit, person: Person | undefined, given: Partial<ChangePageProps>) => {
    const rules = await passwords.rules.rulesFor(person?.account);
    const judged = await passwords.rules.judge(given.suggestion ?? '', person?.account, 'here', rules);
    return (
      <ChangePage
        t={visit.t}
        shell={visit.shell(person)}
        action={paths.change}
        variant={person ? 'signed-in' : 'known'}
        rules={judged.map((rule) => ruleView(visit.t, rule))}
        rulesUrl="/change/rules"
        minLength={rules.minLength}
        maxLength={rules.maxLength}
        {...(person ? { username: person.account.username } : {})}
        {...given}
      />
    );
  };

  app.get(paths.change, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const person = await portal.person(request, visit.language);
    const { because } = request.query as Record<string, unknown>;
    const variant = because === 'expired' || because === 'must-change' || because === 'leaked' ? because : undefined;
    return visit.page(await form(visit, person, variant && !person ? { variant } : {}));
  });

  /** Live ticks. For a stranger only the rules that hold for everybody: it tells nothing about an account. */
  app.post('/change/rules', async (request, reply) => {
    const { password } = readFields(request.body, { password: PASSWORD });
    const visit = portal.visit(request, reply);
    const person = await portal.person(request, visit.language);
    return reply.send(await newPasswordAnswer(passwords.rules, visit.t, password, person?.account));
  });

  /** A suggestion stands in this answer and nowhere else. */
  app.post('/change/suggest', async (request, reply) => {
    const { kind } = readFields(request.body, { kind: { max: 10, optional: true } });
    const visit = portal.visit(request, reply);
    const person = await portal.person(request, visit.language);
    const made = await passwords.rules.suggest(person?.account, visit.language, kind === 'random' ? 'random' : 'words');
    if (made && wantsJson(request)) return reply.send({ password: made.password });
    return visit.page(await form(visit, person, suggestedBy(made)), made ? 200 : 422);
  });

  // Password managers look here (W3C change-password-url); never a permanent redirect.
  app.get('/.well-known/change-password', async (_request, reply) => reply.redirect(paths.change, 303));

  app.post(paths.change, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const fields = readFields(request.body, {
      username: { max: 256, optional: true },
      current: PASSWORD,
      password: PASSWORD,
      again: { ...PASSWORD, optional: true },
    });
    const person = await portal.person(request, visit.language);
    const identifier = (person?.account.username ?? fields.username ?? '').trim();
    const again = async (error: ChangeError, status = 422) =>
      visit.page(await form(visit, person, { error, ...(identifier ? { username: identifier } : {}) }), status);
    if (identifier === '' || fields.current === '') return again({ is: 'missing-current' });
    if (fields.password === '') return again({ is: 'missing' });
    const result = await floor(() =>
      change.change(
        {
          identifier,
          old: new Secret(fields.current.normalize('NFC')),
          password: fields.password,
          again: fields.again,
        },
        visit.language,
        visit.origin,
      ),
    );
    switch (result.is) {
      case 'changed':
        // The change ended every session, this one too: it was opened with the old password.
        if (person) cookies.clear(reply, 'session');
        cookies.set(reply, 'outcome', result.token);
        return visit.page(
          <ChangeDonePage
            t={visit.t}
            shell={visit.shell()}
            told={result.told}
            signInUrl={signInUrl}
            systems={await portal.deps.ownSystems.of(result.accountId)}
          />,
        );
      case 'broken-rules':
        return again({ is: 'refused', refusals: result.rules });
      case 'differs':
        return again({ is: 'differ' });
      case 'refused':
        return again({ is: 'wrong-current' });
      case 'wait': {
        const seconds = portal.secondsUntil(result.until);
        reply.header('retry-after', seconds);
        return again({ is: 'wait', seconds }, 429);
      }
      case 'unavailable':
        return again({ is: 'unavailable' }, 503);
      case 'failed':
        return visit.page(
          <OutcomePage t={visit.t} shell={visit.shell(person)} outcome={{ is: 'blocked', why: 'missing-right' }} />,
          409,
        );
      case 'unknown':
        return visit.page(
          <OutcomePage t={visit.t} shell={visit.shell(person)} outcome={{ is: 'unknown-result', signInUrl }} />,
          503,
        );
    }
  });
};
