/** docs/flow.md, from the transition table that runs the journeys. */
import { journeyTable } from '../../src/flow/journey/transitions.ts';
import { code, generatedFrom, page, table } from './markdown.ts';

interface Row {
  to: readonly string[];
  says: string;
}

const INTRODUCTION = `# The journey

Recovery, practice run, second factor and password write are one state machine. Whatever is not in the table does not
happen: no gate can be skipped. Each line is one transaction with a version check, so a step counts once.`;

const rowsFrom = (from: string, events: Record<string, Row>): string[][] =>
  Object.entries(events).map(([event, { to, says }]) => [code(from), code(event), to.map(code).join(', '), says]);

function diagram(states: [string, Record<string, Row>][]): string {
  const name = (state: string): string => state.replaceAll('-', '_');
  const lines = states.flatMap(([from, events]) =>
    Object.entries(events).flatMap(([event, { to }]) =>
      to.map((next) => `  ${name(from)} --> ${name(next)}: ${event}`),
    ),
  );
  return ['```mermaid', 'stateDiagram-v2', ...lines, '```'].join('\n');
}

export function flowPage(): string {
  const states = Object.entries(journeyTable) as unknown as [string, Record<string, Row>][];
  const rows = states.flatMap(([from, events]) => rowsFrom(from, events));
  return page(
    generatedFrom('src/flow/journey/transitions.ts'),
    INTRODUCTION,
    table(['In state', 'on event', 'goes to', 'What it means'], rows),
    diagram(states),
  );
}
