/** "We told you at …" */
import type { Translate } from '../../text/index.ts';

export interface ToldAddressesProps {
  t: Translate;
  told: readonly string[];
}

export const ToldAddresses = ({ t, told }: ToldAddressesProps) =>
  told.length === 0 ? null : (
    <div>
      <p>{t('done.told', { n: told.length })}</p>
      <ul class="list">
        {told.map((address) => (
          <li key={address}>
            <bdi dir="ltr">{address}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
