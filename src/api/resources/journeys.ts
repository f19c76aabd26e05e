/**
 * Recovery and unlock for pages of the organisation's own: the same machine, the same limits, the same silence about unknown accounts as
 * our own pages. The handle that leads on is a bearer value, bound to the token that began it, new after every gate, and it
 * travels in a header.
 */
import { Type } from 'typebox';
import type { FlowDeps, Origin } from '../../flow/deps.ts';
import type { PasswordService } from '../../flow/journey/password.ts';
import type { Advanced, JourneyService } from '../../flow/journey/service.ts';
import { isAnonymous, type Problem as JourneyProblem, type JourneyState } from '../../flow/journey/states.ts';
import type { Live } from '../../flow/journey/store.ts';
import { usableOf } from '../../flow/usable.ts';
import type { Json } from '../../kernel/json.ts';
import { sameText } from '../../kernel/keyring.ts';
import type { Answer as Answered } from '../../methods/method.ts';
import { type ApiAsk, type Caller, type Operation, ok, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { iso, isoOf, MaybeText } from '../shapes.ts';

export interface JourneyResources {
  flow: Pick<FlowDeps, 'keyring' | 'clock' | 'methods' | 'directory'>;
  journeys: JourneyService;
  passwords: PasswordService;
  unlock(token: string, step: string, origin: Origin): Promise<Advanced>;
  /** Answers about accounts take equally long. */
  floor<T>(work: () => Promise<T>): Promise<T>;
  networkOf(ip: string): string;
  language: string;
}

/** These need pages of ours on the way. */
const ELSEWHERE = new Set(['oidc']);

const Client = Type.Object(
  {
    ip: Type.String({
      maxLength: 45,
      pattern: '^[0-9a-fA-F:.]{2,45}$',
      description: 'Address of the person, as your server sees it. Limits count by it.',
    }),
    userAgent: Type.Optional(Type.String({ maxLength: 400 })),
  },
  { additionalProperties: false },
);

const Step = Type.String({ minLength: 1, maxLength: 64, description: '`step` of the state that is answered.' });

const State = Type.Object(
  {
    journey: Type.String({ description: 'The handle from now on. A bearer value.' }),
    at: Type.Enum([
      'choosing',
      'answering',
      'waiting-out',
      'choosing-password',
      'confirming-unlock',
      'applying',
      'unsettled',
      'done',
      'stopped',
    ]),
    step: Type.String({ description: 'Goes with the answer, so that an old page answers nothing.' }),
    passed: Type.Integer({ minimum: 0, description: 'Gates that are passed.' }),
    problem: Type.Optional(
      Type.Object(
        { is: Type.String() },
        { additionalProperties: true, description: 'What was wrong with the last answer.' },
      ),
    ),
    methods: Type.Optional(
      Type.Array(Type.Object({ id: Type.String(), hint: MaybeText }), {
        description: 'Ways that may be chosen. Before the first gate they say nothing about the person.',
      }),
    ),
    prompt: Type.Optional(Type.Object({ kind: Type.String() }, { additionalProperties: true })),
    resendAt: Type.Optional(Type.String()),
    rules: Type.Optional(
      Type.Array(Type.Object({ id: Type.String(), value: Type.Optional(Type.Number()) }), {
        description: 'Rules for the new password.',
      }),
    ),
    until: Type.Optional(Type.String()),
    told: Type.Optional(Type.Array(Type.String(), { description: 'Masked addresses that were told.' })),
    why: Type.Optional(Type.String({ description: 'Why it was stopped.' })),
    replacementCodes: Type.Optional(
      Type.Array(Type.String(), { description: 'In place of saved codes that were used. Shown once.' }),
    ),
  },
  { description: 'Where the journey stands.' },
);
const where = { 200: { says: 'Where the journey stands now.', schema: State } };

export function journeyOperations(deps: JourneyResources): Operation[] {
  const { flow, journeys, passwords, floor } = deps;

  const bound = (caller: Caller, token: string): string =>
    flow.keyring.mac('api-journey', caller.token.id, token).slice(0, 43);
  const handleOf = (caller: Caller, token: string): string => `${token}.${bound(caller, token)}`;
  /** The journey's own value; of another token's journey nothing is told. */
  const tokenOf = ({ caller, journey }: Pick<ApiAsk<unknown, unknown, unknown>, 'caller' | 'journey'>): string => {
    const [token = '', mac = ''] = journey.split('.');
    return token !== '' && sameText(bound(caller, token), mac) ? token : '';
  };
  const originOf = ({ ip, userAgent = '' }: { ip: string; userAgent?: string }): Origin => ({
    ip,
    network: deps.networkOf(ip),
    userAgent,
  });

  const problemOf = (problem: JourneyProblem | undefined) => {
    if (!problem) return {};
    const { is, ...rest } = problem;
    const until = 'until' in rest ? { until: iso(rest.until) } : {};
    return { problem: { is, ...rest, ...until } };
  };

  async function methodsOf(live: Live) {
    const { journey } = live;
    const anonymous = isAnonymous(journey);
    const own = anonymous ? [] : await journeys.store.authenticatorsOf(journey);
    const next = journeys.nextMethods(journey, own);
    const now = flow.clock.now();
    return (next.is === 'gate' ? next.methods : [])
      .filter((id) => !ELSEWHERE.has(id))
      .map((id) => {
        const method = anonymous ? undefined : flow.methods.get(id);
        const offer = method && journey.account && method.offer(usableOf(own, method, now), journey.account);
        return { id, hint: offer?.hint ?? null };
      });
  }

  async function more(live: Live, state: JourneyState): Promise<Record<string, unknown>> {
    switch (state.at) {
      case 'choosing':
        return { methods: await methodsOf(live), ...problemOf(state.problem) };
      case 'answering': {
        const prompt = { ...state.prompt, expiresAt: isoOf(state.prompt.expiresAt) };
        return { prompt, methods: await methodsOf(live), resendAt: iso(state.resendAt), ...problemOf(state.problem) };
      }
      case 'waiting-out':
        return { until: iso(state.until), told: state.told };
      case 'choosing-password': {
        const { account } = live.journey;
        const found = account && (await flow.directory.load(account.key));
        if (found?.is !== 'found') throw new Problem('unavailable', 'The directory does not answer.');
        const rules = await passwords.rules.rulesFor(found.account);
        const judged = await passwords.rules.judge('', found.account, 'here', rules);
        return {
          rules: judged.map(({ id, value }) => ({ id, ...(value === undefined ? {} : { value }) })),
          ...problemOf(state.problem),
        };
      }
      case 'confirming-unlock':
        return problemOf(state.problem);
      case 'done':
        return { told: state.told };
      case 'stopped':
        return { why: state.block ?? state.why, ...(state.until === undefined ? {} : { until: iso(state.until) }) };
      default:
        return {};
    }
  }

  async function shown(caller: Caller, token: string, live: Live) {
    const { journey } = live;
    const { state, step, passed, replacements } = journey;
    const over = state.at === 'done' || (state.at === 'stopped' && state.why !== 'expired');
    return ok({
      journey: handleOf(caller, token),
      at: state.at,
      step,
      passed: passed.length,
      ...(await more(live, state)),
      ...(over && replacements.length > 0 ? { replacementCodes: replacements } : {}),
    } as unknown as Json);
  }

  type Asked = Pick<ApiAsk<unknown, unknown, unknown>, 'caller' | 'journey'>;

  const loaded = async (token: string): Promise<Live> => {
    const live = await journeys.store.load(token);
    const kind = live?.journey.kind;
    if (!live || (kind !== 'recovery' && kind !== 'unlock')) throw new Problem('journey-over');
    return live;
  };

  /** Before the first gate every answer takes its time, whoever it is about. */
  async function step(asked: Asked, work: (token: string, live: Live) => Promise<Advanced | { is: 'unavailable' }>) {
    const token = tokenOf(asked);
    const run = async () => {
      const live = await loaded(token);
      const result = await work(token, live);
      if (result.is === 'unavailable') throw new Problem('unavailable', 'The directory does not answer.');
      if (result.is === 'stale') throw new Problem('stale', 'Look where the journey stands, and answer that.');
      if (result.is === 'spent') throw new Problem('stale', 'All tries of this code are used up.');
      return { result, token: result.token ?? token };
    };
    const live = token === '' ? undefined : await journeys.store.load(token);
    const done = !live || isAnonymous(live.journey) ? await floor(run) : await run();
    return shown(asked.caller, done.token, done.result.live);
  }

  return [
    operation({
      method: 'POST',
      path: '/journeys',
      id: 'beginJourney',
      tag: 'Journeys',
      summary: 'Somebody says who they are; unknown accounts get the same answer as known ones',
      scope: 'recovery',
      body: Type.Object(
        {
          username: Type.String({
            minLength: 1,
            maxLength: 256,
            pattern: '^[^\\x00-\\x1F\\x7F]*\\S[^\\x00-\\x1F\\x7F]*$',
          }),
          kind: Type.Optional(Type.Enum(['recovery', 'unlock'])),
          language: Type.Optional(
            Type.String({ maxLength: 20, description: 'Of messages, where the account says none.' }),
          ),
          client: Client,
        },
        { additionalProperties: false },
      ),
      answers: { 201: { says: 'It has begun.', schema: State } },
      async run({ body: { username, kind = 'recovery', language = deps.language, client }, caller }) {
        return floor(async () => {
          const begun = await journeys.begin(username, language, originOf(client), kind);
          if (begun.is === 'unavailable') throw new Problem('unavailable', 'The directory does not answer.');
          if (begun.is === 'wait')
            throw new Problem('too-many', undefined, {
              retryAfter: Math.max(1, Math.ceil((begun.until - flow.clock.now()) / 1_000)),
            });
          const live = await loaded(begun.token);
          return { ...(await shown(caller, begun.token, live)), status: 201 };
        });
      },
    }),
    operation({
      method: 'GET',
      path: '/journeys/current',
      id: 'getJourney',
      tag: 'Journeys',
      summary: 'Where the journey stands',
      scope: 'recovery',
      journey: true,
      answers: where,
      async run(asked) {
        const token = tokenOf(asked);
        const live = await loaded(token);
        await journeys.store.arrived(live);
        return shown(asked.caller, token, live);
      },
    }),
    operation({
      method: 'POST',
      path: '/journeys/current/method',
      id: 'chooseMethod',
      tag: 'Journeys',
      summary: 'Choose a way to verify; a code is sent where there is one',
      scope: 'recovery',
      journey: true,
      body: Type.Object(
        { step: Step, method: Type.String({ maxLength: 40 }), client: Client },
        { additionalProperties: false },
      ),
      answers: where,
      run: (asked) => {
        const { step: at, method, client } = asked.body;
        if (ELSEWHERE.has(method)) throw new Problem('unfit', 'This way needs pages of Sparekey.');
        return step(asked, (token, live) => journeys.choose(token, at, method, originOf(client), live));
      },
    }),
    operation({
      method: 'POST',
      path: '/journeys/current/answer',
      id: 'answerPrompt',
      tag: 'Journeys',
      summary: 'Answer what the prompt asks: `code`, `credential`, or each field by its name',
      scope: 'recovery',
      journey: true,
      body: Type.Object(
        { step: Step, answer: Type.Record(Type.String(), Type.String({ maxLength: 8_000 })), client: Client },
        { additionalProperties: false },
      ),
      answers: where,
      run: (asked) => {
        const { step: at, answer, client } = asked.body;
        return step(asked, (token, live) => journeys.answer(token, at, answer as Answered, originOf(client), live));
      },
    }),
    ...(['resend', 'back', 'waited', 'cancel'] as const).map((act) =>
      operation({
        method: 'POST',
        path: `/journeys/current/${act}`,
        id: `${act}Journey`,
        tag: 'Journeys',
        summary: {
          resend: 'Send a new code',
          back: 'Choose another way',
          waited: 'Go on after the time that risk asked for',
          cancel: 'Give it up',
        }[act],
        scope: 'recovery',
        journey: true,
        body: Type.Object({ step: Step, client: Client }, { additionalProperties: false }),
        answers: where,
        run: (asked) => step(asked, (token) => journeys[act](token, asked.body.step, originOf(asked.body.client))),
      }),
    ),
    operation({
      method: 'POST',
      path: '/journeys/current/password',
      id: 'setPassword',
      tag: 'Journeys',
      summary: 'The new password, once all gates are passed',
      scope: 'recovery',
      journey: true,
      body: Type.Object(
        { step: Step, password: Type.String({ minLength: 1, maxLength: 1_000 }), client: Client },
        { additionalProperties: false },
      ),
      answers: where,
      run: (asked) => {
        const { step: at, password, client } = asked.body;
        return step(asked, async (_token, live) =>
          live.journey.step === at
            ? passwords.set(live, { password, again: password }, originOf(client))
            : ({ is: 'stale' } as const),
        );
      },
    }),
    operation({
      method: 'POST',
      path: '/journeys/current/unlock',
      id: 'confirmUnlock',
      tag: 'Journeys',
      summary: 'Unlock the account, once all gates are passed',
      scope: 'recovery',
      journey: true,
      body: Type.Object({ step: Step, client: Client }, { additionalProperties: false }),
      answers: where,
      run: (asked) => step(asked, (token) => deps.unlock(token, asked.body.step, originOf(asked.body.client))),
    }),
  ];
}
