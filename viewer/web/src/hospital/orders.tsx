import { useState } from 'preact/hooks';
import type { Order, OrderList } from '../api/types';
import { formatDate, formatTime } from '../format/dicom';
import { t } from '../i18n';
import { go, href, route } from '../route';
import { api } from '../session';
import { Blank, Button, Chip, LinkButton } from '../ui/controls';
import { useKeys } from '../ui/keys';
import { useLive, useLoad } from '../ui/load';
import { OrderForm } from './orderform';
import { w } from './orders.words';
import './orders.css';

interface Question {
  order: { id: string };
}

/** What the hospital has ordered, and what became of it. */
export function Orders() {
  const [pages, setPages] = useState(1);
  const list = useLoad((stop) => read(pages, stop), [], [pages]);
  const asked = useLoad(() => api.json<Question[]>('/reconciliations'), []);
  const reload = () => {
    list.reload();
    asked.reload();
  };
  useLive((_, kind) => kind === 'study', reload);
  useKeys({ n: () => go('orders', 'new'), Escape: () => go('orders') });
  const id = route.value.id;
  if (id) return <OrderForm key={id} id={id} onDone={() => (reload(), go('orders'))} />;
  const waiting = new Set((asked.data ?? []).map((q) => q.order.id));
  return (
    <>
      <div class="list-head">
        <h1>{w('title')}</h1>
        <LinkButton href={href('orders', 'new')} kind="primary" icon="pen" act="order-new">
          {w('new')}
        </LinkButton>
      </div>
      <p class="muted">{w('lead')}</p>
      {!list.data ? (
        list.error ? (
          <Blank icon="warn" title={list.error}>
            <Button onClick={list.reload}>{t('retry')}</Button>
          </Blank>
        ) : (
          <Blank busy title={t('loading')} />
        )
      ) : list.data.items.length === 0 ? (
        <Blank icon="send" title={w('none')} />
      ) : (
        <ul class="orders">
          {list.data.items.map((o) => (
            <Line key={o.id} order={o} asked={waiting.has(o.id)} />
          ))}
        </ul>
      )}
      {list.data?.next ? (
        <div class="more">
          <Button busy={list.loading} onClick={() => setPages((n) => n + 1)}>
            {w('more')}
          </Button>
        </div>
      ) : null}
    </>
  );
}

async function read(pages: number, stop: AbortSignal): Promise<OrderList> {
  const page = (cursor: string) => api.json<OrderList>(`/orders?state=all&limit=100${cursor}`, { signal: stop });
  let all = await page('');
  for (let n = 1; n < pages && all.next; n++) {
    const more = await page(`&cursor=${encodeURIComponent(all.next)}`);
    all = { items: [...all.items, ...more.items], next: more.next };
  }
  return all;
}

/** The writing of a name that people read first. */
export function readable(pn: string): string {
  const [roman = '', kanji = '', kana = ''] = pn.split('=');
  return (kanji || roman || kana).replace(/\^+/g, ' ').trim();
}

export function OrderState({ order: o, asked }: { order: Order; asked?: boolean }) {
  if (asked) return <Chip tone="warn">{w('asked')}</Chip>;
  if (o.canceledAt) return <Chip>{w('canceled')}</Chip>;
  return o.done ? <Chip tone="ok">{w('done')}</Chip> : <Chip tone="accent">{w('waiting')}</Chip>;
}

function Line({ order: o, asked }: { order: Order; asked: boolean }) {
  const study = o.studies?.[0]?.id;
  return (
    <li class={o.canceledAt ? 'past' : ''} data-order={o.id} data-state={asked ? 'asked' : o.canceledAt ? 'canceled' : o.done ? 'done' : 'waiting'}>
      <span class="o-state">
        <OrderState order={o} asked={asked} />
        {o.priority === 'STAT' || o.priority === 'HIGH' ? <Chip tone={o.priority === 'STAT' ? 'danger' : 'warn'}>{w(o.priority)}</Chip> : null}
      </span>
      <a class="o-patient" href={href('orders', o.id)}>
        <strong>{readable(o.patientName)}</strong> <span class="sub">{o.patientId}</span>
      </a>
      <span class="o-exam">
        <strong>{o.step.modality}</strong> {o.procedureDescription}
        <span class="sub">
          {o.accession} · {o.source ? w(o.source) : ''}
        </span>
      </span>
      <span class="o-start">
        {formatDate(o.step.startDate)} {formatTime(o.step.startTime)}
      </span>
      <span class="o-question">{o.comments}</span>
      <span class="o-go">
        {study ? (
          <LinkButton small href={href('sent', study)} act="order-study">
            {w('toStudy')}
          </LinkButton>
        ) : null}
      </span>
    </li>
  );
}
