/** `/ways/add`: choose what to add, then answer its question and prove that it works. For signed-in people. */
import type { VNode } from 'preact';
import type { EnrolmentStep, Person } from '../../flow/enrolment/service.ts';
import type { Enrolling } from '../../flow/enrolment/states.ts';
import { readFields } from '../../http/form.ts';
import { SparekeyError } from '../../kernel/errors.ts';
import { paths } from '../../ui/paths.ts';
import { AddMethodPage } from '../pages/add-method-page.tsx';
import type { CodeError } from '../pages/code-error.ts';
import { EnrolAddressPage } from '../pages/enrol-address-page.tsx';
import { EnrolCodesPage } from '../pages/enrol-codes-page.tsx';
import { EnrolConfirmCodePage } from '../pages/enrol-confirm-code-page.tsx';
import { EnrolTotpPage } from '../pages/enrol-totp-page.tsx';
import { isMethodId } from '../pages/method-look.ts';
import { OutcomePage } from '../pages/outcome-page.tsx';
import type { Routes, Visit } from '../portal.ts';
import { CONFIRM_FIRST, signedIn } from './safety.tsx';

export const wayRoutes: Routes = (app, portal) => {
  const { enrolment, clock, publicUrl } = portal.deps;
  const addUrl = (method: string) => `${paths.addWay}/${method}`;

  /** The page of an enrolment that is under way. */
  const under = async (
    visit: Visit,
    person: Person,
    enrolling: Enrolling,
    error?: CodeError | 'not-saved',
  ): Promise<VNode> => {
    const { prompt, method } = enrolling;
    const common = { t: visit.t, shell: visit.shell(person), action: `${addUrl(method)}/confirm` };
    const wrong = error && error !== 'not-saved' ? { error } : {};
    if (prompt.kind === 'scan-secret')
      return <EnrolTotpPage {...common} uri={prompt.uri} secret={prompt.secret} length={prompt.length} {...wrong} />;
    if (prompt.kind === 'save-codes') {
      const { ways } = await enrolment.overview(person);
      return (
        <EnrolCodesPage
          {...common}
          codes={prompt.codes}
          username={person.account.username}
          portalUrl={publicUrl.origin}
          madeAt={clock.now()}
          replaces={ways.some((way) => way.method === method)}
          {...(error === 'not-saved' ? { error } : {})}
        />
      );
    }
    if (prompt.kind === 'enter-code')
      return (
        <EnrolConfirmCodePage
          {...common}
          address={enrolling.sentTo ?? ''}
          length={prompt.length}
          changeAddressAction={`${addUrl(method)}/restart`}
          {...wrong}
        />
      );
    throw new Error(`No page for ${prompt.kind}.`);
  };

  const show = async (visit: Visit, person: Person, method: string, result: EnrolmentStep, typed?: string) => {
    switch (result.is) {
      case 'ask':
        if (result.prompt.kind !== 'enter-address') throw new Error(`No page for ${result.prompt.kind}.`);
        return visit.page(
          <EnrolAddressPage
            t={visit.t}
            shell={visit.shell(person)}
            action={addUrl(method)}
            {...(result.prompt.suggestion ? { address: result.prompt.suggestion } : {})}
          />,
        );
      case 'invalid':
        return visit.page(
          <EnrolAddressPage
            t={visit.t}
            shell={visit.shell(person)}
            action={addUrl(method)}
            address={typed ?? ''}
            error={typed ? (result.why === 'same' ? 'same' : 'invalid') : 'missing'}
          />,
          422,
        );
      case 'confirm': {
        const { problem } = result.enrolling;
        const error: CodeError | undefined = problem && { is: 'mismatch', triesLeft: problem.triesLeft };
        return visit.page(await under(visit, person, result.enrolling, error), problem ? 422 : 200);
      }
      case 'added':
        return visit.go(`${paths.safety}?done=added`);
      case 'wait':
        return visit.page(
          <OutcomePage
            t={visit.t}
            shell={visit.shell(person)}
            outcome={{ is: 'too-many', seconds: portal.secondsUntil(result.until) }}
          />,
          429,
        );
      case 'prove-first':
        return visit.go(CONFIRM_FIRST);
      case 'void':
        return visit.go(`${addUrl(method)}?void=1`);
      case 'stale':
        return visit.go(addUrl(method));
    }
  };

  const methodOf = (params: unknown): string => {
    const { method } = params as { method: string };
    if (!isMethodId(method)) throw new SparekeyError('not-found');
    return method;
  };

  app.get(
    paths.addWay,
    signedIn(portal, async (visit, person) => {
      if (!enrolment.isFresh(person)) return visit.go(CONFIRM_FIRST);
      const { addable } = await enrolment.overview(person);
      return visit.page(
        <AddMethodPage
          t={visit.t}
          shell={visit.shell(person)}
          action={paths.addWay}
          methods={addable.filter(isMethodId)}
        />,
      );
    }),
  );

  app.post(
    paths.addWay,
    signedIn(portal, async (visit, _person, request) => {
      const { method } = readFields(request.body, { method: { max: 40 } });
      return visit.go(isMethodId(method) ? addUrl(method) : paths.addWay);
    }),
  );

  // A GET sends nothing and binds nothing: it asks, or shows what is under way; a seed or a sheet is made fresh and sealed.
  app.get(
    `${paths.addWay}/:method`,
    signedIn(portal, async (visit, person, request) => {
      const method = methodOf(request.params);
      const current = await enrolment.current(person, method);
      if (current) return visit.page(await under(visit, person, current));
      const opened = await enrolment.open(person, method, visit.origin);
      // The one before was confirmed too late or wrongly too often; this is a new one.
      if (opened.is === 'confirm' && (request.query as Record<string, unknown>)['void'] !== undefined)
        return visit.page(await under(visit, person, opened.enrolling, { is: 'expired' }), 200);
      return show(visit, person, method, opened);
    }),
  );

  app.post(
    `${paths.addWay}/:method`,
    signedIn(portal, async (visit, person, request) => {
      const method = methodOf(request.params);
      const { address } = readFields(request.body, { address: { max: 400, optional: true } });
      const result = await enrolment.begin(person, method, address === undefined ? {} : { address }, visit.origin);
      return result.is === 'confirm' ? visit.go(addUrl(method)) : show(visit, person, method, result, address?.trim());
    }),
  );

  app.post(
    `${paths.addWay}/:method/restart`,
    signedIn(portal, async (visit, person, request) => {
      const method = methodOf(request.params);
      readFields(request.body, {});
      await enrolment.forget(person);
      return visit.go(addUrl(method));
    }),
  );

  app.post(
    `${paths.addWay}/:method/confirm`,
    signedIn(portal, async (visit, person, request) => {
      const method = methodOf(request.params);
      const fields = readFields(request.body, {
        code: { max: 200, optional: true },
        label: { max: 100, optional: true },
        saved: { max: 10, optional: true },
      });
      const current = await enrolment.current(person, method);
      if (current?.prompt.kind === 'save-codes' && fields.saved === undefined)
        return visit.page(await under(visit, person, current, 'not-saved'), 422);
      const result = await enrolment.confirm(
        person,
        method,
        { code: fields.code ?? '', ...(fields.label === undefined ? {} : { label: fields.label }) },
        visit.origin,
      );
      return show(visit, person, method, result);
    }),
  );
};
