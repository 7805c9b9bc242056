import type { SiteAction } from './site';
import { w } from './words';

/** Which earlier studies a rule has fetched, in words. */
export function priorsText({ from, most, months }: NonNullable<SiteAction['priors']>): string {
  return months ? w('rules.priorsWithin', { from, most, months }) : w('rules.priorsAre', { from, most });
}
