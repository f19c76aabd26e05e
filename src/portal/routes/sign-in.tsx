/** `/sign-in` and `/sign-out`: into the portal with the present password, then the second factor where there is one. */
import { readFields } from '../../http/form.ts';
import { Secret } from '../../kernel/secret.ts';
import { paths } from '../../ui/paths.ts';
import { afterSignIn } from '../after-sign-in.ts';
import { SignInPage, type SignInPageProps } from '../pages/sign-in-page.tsx';
import type { Routes } from '../portal.ts';

const NOTICES = { out: 'signed-out', idle: 'idle' } as const;

export const signInRoutes: Routes = (app, portal) => {
  const { signIn, cookies, floor } = portal.deps;

  app.get(paths.signIn, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const person = await portal.person(request, visit.language);
    const { ended, confirm } = request.query as Record<string, unknown>;
    const notice =
      typeof ended === 'string' && Object.hasOwn(NOTICES, ended) ? NOTICES[ended as keyof typeof NOTICES] : undefined;
    if (person && confirm === undefined) return visit.go(paths.safety);
    return visit.page(
      <SignInPage
        t={visit.t}
        shell={visit.shell(person)}
        action={paths.signIn}
        {...(person ? { variant: 'confirm', username: person.account.username } : {})}
        {...(notice ? { notice } : {})}
      />,
    );
  });

  app.post(paths.signIn, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const fields = readFields(request.body, {
      username: { max: 256, optional: true },
      password: { max: 2_048, secret: true },
    });
    const person = fields.username === undefined ? await portal.person(request, visit.language) : undefined;
    const username = (person?.account.username ?? fields.username ?? '').trim();
    const again = (error: NonNullable<SignInPageProps['error']>, status = 422) =>
      visit.page(
        <SignInPage
          t={visit.t}
          shell={visit.shell(person)}
          action={paths.signIn}
          username={username}
          error={error}
          {...(person ? { variant: 'confirm' } : {})}
        />,
        status,
      );
    if (username === '' || fields.password === '') return again({ is: 'missing' });
    const password = new Secret(fields.password.normalize('NFC'));
    const result = await floor(() => signIn.signIn(username, password, visit.language, visit.origin));
    switch (result.is) {
      case 'signed-in': {
        const old = cookies.read(request, 'session');
        if (old) await signIn.signOut(old, visit.origin);
        cookies.set(reply, 'session', result.token);
        return visit.go(afterSignIn(portal, request));
      }
      case 'second-factor':
        cookies.set(reply, 'flow', result.token);
        return visit.go(paths.recover);
      case 'new-password-needed':
        return visit.go(`${paths.change}?because=${result.why}`);
      case 'refused':
        return again({ is: 'wrong' });
      case 'wait': {
        const seconds = portal.secondsUntil(result.until);
        reply.header('retry-after', seconds);
        return again({ is: 'wait', seconds }, 429);
      }
      case 'unavailable':
        return again({ is: 'unavailable' }, 503);
    }
  });

  app.post(paths.signOut, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const token = cookies.read(request, 'session');
    if (token) await signIn.signOut(token, visit.origin);
    cookies.clear(reply, 'session');
    reply.header('clear-site-data', '"cache", "cookies", "storage"');
    return visit.go(`${paths.signIn}?ended=out`);
  });

  app.post('/session/keep-alive', async (request, reply) => {
    const visit = portal.visit(request, reply);
    const person = await portal.person(request, visit.language);
    return reply.code(person ? 204 : 401).send();
  });
};
