/** What is wrong with a configuration, told so that it can be put right without reading further. Never holds a secret value. */

/** Where a value came from. */
export type Origin =
  | { is: 'file'; file: string; line: number; column: number }
  | { is: 'environment'; name: string }
  | { is: 'default' }
  /** Set in the console or with `sparekey settings`. */
  | { is: 'stored'; version: number };

export interface Problem {
  /** Key path: `directory.bindPassword`; empty for the file as a whole. */
  path: string;
  /** The line to open, or the variable to change. `undefined`: nowhere in particular. */
  at: Origin | undefined;
  /** A sentence without the key: "must be a whole number, but is text." */
  what: string;
  allowed?: string;
  /** What to do. */
  fix?: string;
}

export function placeOf(origin: Origin | undefined): string {
  if (!origin) return 'configuration';
  switch (origin.is) {
    case 'file':
      return `${origin.file}:${origin.line}:${origin.column}`;
    case 'environment':
      return `environment variable ${origin.name}`;
    case 'default':
      return 'default';
    case 'stored':
      return `settings, version ${origin.version}`;
  }
}

export function renderProblem(problem: Problem): string {
  const key = problem.path === '' ? '' : `${problem.path}: `;
  return [
    `${placeOf(problem.at)}  ${key}${problem.what}`,
    ...(problem.allowed ? [`    allowed: ${problem.allowed}`] : []),
    ...(problem.fix ? [`    fix:     ${problem.fix}`] : []),
  ].join('\n');
}

const inFileOrder = (a: Problem, b: Problem): number => {
  if (a.at?.is !== 'file' || b.at?.is !== 'file') return Number(b.at?.is === 'file') - Number(a.at?.is === 'file');
  return a.at.line - b.at.line || a.at.column - b.at.column;
};

/** Plain text, one block per problem, in the order of the file. */
export const renderProblems = (problems: readonly Problem[]): string =>
  problems.toSorted(inFileOrder).map(renderProblem).join('\n');
