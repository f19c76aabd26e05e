/**
 * A form that a passkey fills in: the browser script asks the device and posts what it answers. Where there is no script, or the
 * browser knows no passkeys, a sentence stands in its place.
 */
import type { ComponentChildren } from 'preact';
import { Button } from './button.tsx';
import { Form, type FormProps } from './form.tsx';
import { Notice } from './notice.tsx';

export interface PasskeyFormProps extends Omit<FormProps, 'children'> {
  /** `start`: without a name; the options are fetched from `ask` then. */
  kind: 'get' | 'create' | 'start';
  /** JSON for `navigator.credentials`. */
  options?: string;
  /** POST that answers with the options. */
  ask?: string;
  button: string;
  quiet?: boolean;
  /** What is said when nothing came of it; nothing is posted then. `known`: the device has a passkey already. */
  words: { cancelled: string; failed: string; known?: string };
  /** Below the button. */
  note?: string;
  /** Instead of the form, where the browser can't. */
  unable?: string;
  children?: ComponentChildren;
}

export const PasskeyForm = (props: PasskeyFormProps) => {
  const { kind, options, ask, button, quiet, words, note, unable, children, ...form } = props;
  return (
    <div
      data-passkey={kind}
      data-options={options}
      data-ask={ask}
      data-cancelled={words.cancelled}
      data-failed={words.failed}
      data-known={words.known}
    >
      <div data-passkey-able hidden>
        <Form {...form}>
          <input type="hidden" name="credential" value="" />
          {children}
          <Button look={quiet ? 'quiet' : 'main'}>{button}</Button>
        </Form>
        <div role="alert" data-passkey-news />
        {note && <p class="soft after">{note}</p>}
      </div>
      {unable && (
        <div data-passkey-unable>
          <Notice tone="wait">
            <p>{unable}</p>
          </Notice>
        </div>
      )}
    </div>
  );
};
