/** `/ways/add`: choose what to add, then answer its question and prove that it works. For signed-in people. */
import type { VNode } from 'preact';
import type { EnrolmentStep, Person } from '../../flow/enrolment/service.ts';
import type { Enrolling } from '../../flow/enrolment/states.ts';
import { readFields } from '../../http/form.ts';
import { SparekeyError } from '../../kernel/errors.ts';
import type { Answer } from '../../methods/method.ts';
import { paths } from '../../ui/paths.ts';
import { answerFields } from '../answer-fields.ts';
import { askPage, type Proof, proofPage } from '../enrol-page.tsx';
import { AddMethodPage } from '../pages/add-method-page.tsx';
import type { CodeError } from '../pages/code-error.ts';
import { isMethodId } from '../pages/method-look.ts';
import { OutcomePage } from '../pages/outcome-page.tsx';
import type { Routes, Visit } from '../portal.ts';
import { CONFIRM_FIRST, signedIn } from './safety.tsx';

export const wayRoutes: Routes = (app, portal) => {
  const { enrolment, clock, publicUrl } = portal.deps;
  const addUrl = (method: string) => `${paths.addWay}/${method}`;
  const addable = async (person: Person) => (await enrolment.overview(person)).addable;

  /** The page of an enrolment that is under way. */
  const under = async (
    visit: Visit,
    person: Person,
    enrolling: Enrolling,
    more: Pick<Proof, 'error' | 'invalid' | 'waiting'> = {},
  ): Promise<VNode> => {
    const { method } = enrolling;
    const { ways } = await enrolment.overview(person);
    return proofPage(
      { t: visit.t, shell: visit.shell(person), action: `${addUrl(method)}/confirm` },
      {
        enrolling,
        ...more,
        restartAction: `${addUrl(method)}/restart`,
        username: person.account.username,
        portalUrl: publicUrl.origin,
        now: clock.now(),
        replaces: ways.some((way) => way.method === method),
      },
    );
  };

  /** `typed`: it answers the first question; what was begun before it is not what `result` is about. */
  const show = async (visit: Visit, person: Person, method: string, result: EnrolmentStep, typed?: Answer) => {
    const asking = { t: visit.t, shell: visit.shell(person), action: addUrl(method) };
    switch (result.is) {
      case 'ask':
        return visit.page(askPage(asking, result.prompt, await addable(person)));
      case 'invalid': {
        const current = typed ? undefined : await enrolment.current(person, method);
        if (current) return visit.page(await under(visit, person, current, { invalid: result }), 422);
        const question = enrolment.question(person, method);
        if (!question) return visit.go(addUrl(method));
        return visit.page(askPage(asking, question, await addable(person), { ...result, typed: typed ?? {} }), 422);
      }
      case 'confirm': {
        const { problem } = result.enrolling;
        const error: CodeError | undefined = problem && { is: 'mismatch', triesLeft: problem.triesLeft };
        return visit.page(await under(visit, person, result.enrolling, { error }), problem ? 422 : 200);
      }
      case 'waiting':
        return visit.page(await under(visit, person, result.enrolling, { waiting: true }));
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
      case 'not-open':
        return closed(visit, person);
      case 'prove-first':
        return visit.go(CONFIRM_FIRST);
      case 'void':
      case 'declined':
        return visit.go(`${addUrl(method)}?${result.is}=1`);
      case 'unavailable': {
        const current = await enrolment.current(person, method);
        if (current) return visit.page(await under(visit, person, current, { error: { is: 'unavailable' } }), 503);
        return choice(visit, person, 'unavailable');
      }
      case 'stale':
        return visit.go(addUrl(method));
    }
  };

  const closed = (visit: Visit, person: Person) =>
    visit.page(<OutcomePage t={visit.t} shell={visit.shell(person)} outcome={{ is: 'not-open' }} />, 403);

  const choice = async (visit: Visit, person: Person, error?: 'unavailable') => {
    if (!(await enrolment.isOpen(person))) return closed(visit, person);
    const methods = await addable(person);
    return visit.page(
      <AddMethodPage
        t={visit.t}
        shell={visit.shell(person)}
        action={paths.addWay}
        methods={methods.filter(isMethodId)}
        {...(error ? { error } : {})}
      />,
      error ? 503 : 200,
    );
  };

  const methodOf = (params: unknown): string => {
    const { method } = params as { method: string };
    if (!isMethodId(method)) throw new SparekeyError('not-found');
    return method;
  };

  app.get(
    paths.addWay,
    signedIn(portal, async (visit, person) => {
      return enrolment.isFresh(person) ? choice(visit, person) : visit.go(CONFIRM_FIRST);
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
      // A passkey has five minutes, which begin now.
      if (current && current.prompt.kind !== 'create-passkey') return visit.page(await under(visit, person, current));
      const opened = await enrolment.open(person, method, visit.origin);
      // The one before was confirmed too late or wrongly too often; this is a new one.
      const { void: late, declined } = request.query as Record<string, unknown>;
      const error = late === undefined ? declined !== undefined && 'declined' : 'expired';
      if (opened.is === 'confirm' && error)
        return visit.page(await under(visit, person, opened.enrolling, { error: { is: error } }), 200);
      // Not offered here: showing it again would go round in circles.
      if (opened.is === 'stale') throw new SparekeyError('not-found');
      if (opened.is === 'ask' && error === 'declined') {
        const asking = { t: visit.t, shell: visit.shell(person), action: addUrl(method) };
        return visit.page(askPage(asking, opened.prompt, await addable(person), undefined, true));
      }
      return show(visit, person, method, opened);
    }),
  );

  app.post(
    `${paths.addWay}/:method`,
    signedIn(portal, async (visit, person, request) => {
      const method = methodOf(request.params);
      const question = enrolment.question(person, method);
      const typed = (question ? readFields(request.body, answerFields(question)) : {}) as Answer;
      const result = await enrolment.begin(person, method, typed, visit.origin);
      return result.is === 'confirm' ? visit.go(addUrl(method)) : show(visit, person, method, result, typed);
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
      const current = await enrolment.current(person, method);
      if (!current) return visit.go(addUrl(method));
      const answer = readFields(request.body, answerFields(current.prompt)) as Answer;
      if (current.prompt.kind === 'save-codes' && answer['saved'] === undefined)
        return visit.page(await under(visit, person, current, { error: 'not-saved' }), 422);
      const result = await enrolment.confirm(person, method, answer, visit.origin);
      return show(visit, person, method, result);
    }),
  );
};
