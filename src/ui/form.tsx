/** Every form of ours: POST, CSRF token, and in a journey the step it belongs to. Checks are the server's, so bubbles are off. */
import type { ComponentChildren } from 'preact';
import type { ShellProps } from './shell.ts';

export interface FormProps {
  shell: ShellProps;
  action: string;
  /** Binds the answer to one step of one journey. */
  step?: string | undefined;
  id?: string;
  class?: string;
  children: ComponentChildren;
}

export const Form = ({ shell, action, step, id, class: name, children }: FormProps) => (
  <form method="post" action={action} id={id} class={name} noValidate data-once>
    <input type="hidden" name="_csrf" value={shell.csrf} />
    {step !== undefined && <input type="hidden" name="step" value={step} />}
    {children}
  </form>
);
