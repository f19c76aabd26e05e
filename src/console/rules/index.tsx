/** `/console/rules`: what a changed rule would do to everybody, and what would happen to one person. Both change nothing. */
import type { FlowDeps } from '../../flow/deps.ts';
import { readFields } from '../../http/form.ts';
import { changesCsv } from '../../insight/readiness/csv.ts';
import { changes, type PreviewInput, preview } from '../../insight/rules/preview.ts';
import type { TrialService } from '../../insight/trial/trial.ts';
import { createLanes } from '../../kernel/lanes.ts';
import { actorOf, type Staff } from '../../staff/staff.ts';
import type { Area, Ask } from '../console.ts';
import { PreviewPage } from './preview-page.tsx';
import { RulesPage } from './rules-page.tsx';
import { TrialPage } from './trial-page.tsx';

/** A sentence about the text that was typed. */
export interface Said {
  path: string;
  what: string;
  allowed?: string;
  fix?: string;
  at?: { is: string; line?: number } | undefined;
}

export interface RulesPort {
  /** The rules in force, as text to begin from. */
  policy(): string;
  change(
    text: string,
    staff: Staff,
  ): Promise<
    { is: 'ok'; input: PreviewInput; warnings: Said[]; unread: string[] } | { is: 'invalid'; problems: Said[] }
  >;
  trial: TrialService;
}

const PATH = '/console/rules';
const LONGEST = 50_000;

export function rulesArea({ flow, rules }: { flow: Pick<FlowDeps, 'storage' | 'audit'>; rules: RulesPort }): Area {
  // Everybody is looked at: one at a time is enough for a node.
  const lane = createLanes(1);
  // Lines of text are control characters to a form otherwise.
  const policyOf = (ask: Ask) =>
    readFields(ask.request.body, { policy: { max: LONGEST, secret: true } }).policy.replaceAll('\r\n', '\n');

  return ({ get, post }) => {
    get(PATH, 'rules.try', async (ask) =>
      ask.page(<RulesPage ask={ask} policy={rules.policy()} person={ask.query('person', 320)} />),
    );

    post(`${PATH}/preview`, 'rules.try', async (ask) => {
      const policy = policyOf(ask);
      const changed = await rules.change(policy, ask.staff);
      if (changed.is === 'invalid')
        return ask.page(<RulesPage ask={ask} policy={policy} problems={changed.problems} />, 422);
      const found = await lane(() => preview(changed.input));
      return ask.page(
        <PreviewPage ask={ask} policy={policy} preview={found} warnings={changed.warnings} unread={changed.unread} />,
      );
    });

    post(`${PATH}/preview.csv`, 'rules.try', async (ask) => {
      const policy = policyOf(ask);
      const changed = await rules.change(policy, ask.staff);
      if (changed.is === 'invalid')
        return ask.page(<RulesPage ask={ask} policy={policy} problems={changed.problems} />, 422);
      await flow.storage.transaction((trx) =>
        flow.audit.append(trx, {
          event: 'readiness.exported',
          outcome: 'success',
          actor: actorOf(ask.staff),
          ip: ask.origin.ip,
          reason: 'Whom a change of the rules would concern.',
        }),
      );
      return ask.file('rules-preview.csv', 'text/csv; charset=utf-8', changesCsv(changes(changed.input)));
    });

    post(`${PATH}/try`, 'rules.try', async (ask) => {
      const { person } = readFields(ask.request.body, { person: { max: 320 } });
      const tried = await rules.trial.run(ask.staff, person, ask.origin.ip);
      if (tried.is === 'tried') return ask.page(<TrialPage ask={ask} trial={tried.trial} />);
      return ask.page(
        <RulesPage ask={ask} policy={rules.policy()} person={person} failed={tried.is} />,
        tried.is === 'none' ? 404 : 503,
      );
    });
  };
}
