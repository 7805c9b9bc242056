import type { Workitem } from '../api/types';
import { t } from '../i18n';
import { go } from '../route';
import { api } from '../session';
import { sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import type { Stage } from '../viewport/stage';
import { left } from '../worklist/chosen';
import { ahead } from './ahead';

/** What waits on the list that a study was opened from, in its order. */
export async function following(id: string, limit: number): Promise<Workitem[]> {
  const { state } = left.filter;
  const waits = state !== 'mine' && state !== 'sign' && state !== 'done'; // nothing on those waits to be opened
  const { items } = await api.worklistOf(waits ? left.filter : { state: 'open' }, '', limit);
  return items.filter((i) => i.id !== id && i.state === 'SCHEDULED');
}

/** Opens the next of them. */
export async function next(id: string) {
  try {
    const [other] = await following(id, 50);
    if (other) go('read', other.id);
    else {
      say(t('next.none'));
      go('');
    }
  } catch (e) {
    sayProblem(e);
  }
}

/** Has them fetched ahead while the line is free. */
export async function expect(id: string, stage: Stage) {
  const items = await following(id, 10).catch(() => []);
  if (stage.loader.calm.peek()) ahead.expect(items, true);
}
