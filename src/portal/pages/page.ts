/** What all pages share: the translator, the shell, and in a journey where the person stands in it. */

import type { Translate } from '../../text/index.ts';
import type { ShellProps } from '../../ui/shell.ts';
import type { Progress } from '../../ui/steps.tsx';

export interface PageProps {
  t: Translate;
  shell: ShellProps;
}

/** Pages of a journey. */
export interface JourneyProps extends PageProps {
  /** Where the form goes. */
  action: string;
  /** Hidden field that binds the answer to this step. */
  step?: string;
  progress?: Progress;
  /** Says on the page that nothing will change. */
  practice?: boolean;
  /** POST; "I have lost it", at the second step of a sign-in. */
  lostAction?: string;
  /** POST; shows "Stop". */
  cancelAction?: string;
}
