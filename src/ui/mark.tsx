/** The round symbol above a result. Decoration: the title beneath says the same. */
import { StopIcon, TickIcon, WaitIcon } from './icons.tsx';

const looks = {
  done: { class: 'mark', Drawing: TickIcon },
  wait: { class: 'mark wait', Drawing: WaitIcon },
  stop: { class: 'mark bad', Drawing: StopIcon },
} as const;

export const Mark = ({ is }: { is: keyof typeof looks }) => {
  const { class: name, Drawing } = looks[is];
  return (
    <div class={name}>
      <Drawing />
    </div>
  );
};
