/** "How was it?" in one tap. Nobody has to, and nobody learns who said what. */
import { Form } from '../../ui/form.tsx';
import { paths } from '../../ui/paths.ts';
import type { PageProps } from './page.ts';

const STARS = [1, 2, 3, 4, 5] as const;

export const Rating = ({ t, shell }: PageProps) => (
  <Form shell={shell} action={paths.rating} class="rating">
    <fieldset>
      <legend>{t('rating.question')}</legend>
      <p class="hint">{t('rating.nobody')}</p>
      <p class="row">
        {STARS.map((stars) => (
          <button
            key={stars}
            type="submit"
            class="button quiet"
            name="stars"
            value={stars}
            aria-label={t(`rating.${stars}`)}
          >
            {t(`rating.${stars}.short`)}
          </button>
        ))}
      </p>
    </fieldset>
  </Form>
);
