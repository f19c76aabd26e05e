/** Where an address is, by the location database that the operator brings. Without one nobody is anywhere. */
import { type CityResponse, open } from 'maxmind';
import type { Place } from './policy/risk.ts';

/** @throws Error when the file is missing or is no such database. */
export async function openLocation(file: string | undefined): Promise<(ip: string) => Place | undefined> {
  if (file === undefined) return () => undefined;
  const reader = await open<CityResponse>(file, { watchForUpdates: true, watchForUpdatesNonPersistent: true });
  return (ip) => {
    const location = reader.get(ip)?.location;
    return location && { latitude: location.latitude, longitude: location.longitude };
  };
}
