import './report.css';
import type { ComponentChildren } from 'preact';
import { documentURL } from '../api/client';
import type { Coded, Concept, Delivery, Report } from '../api/types';
import { instant, named, t, tOr, type Key } from '../i18n';
import { api } from '../session';
import { Banner, Button, Chip, Fact, LinkButton, type Tone } from '../ui/controls';
import { sayProblem } from '../ui/problem';
import { Refusal } from '../ui/refusal';
import { Changes } from './changes';
import { Outcomes } from './outcome';
import { Receipts } from './receipts';
import { KindChip, Versions } from './versions';

const headings: Record<string, Key> = {
  '59776-5': 'section.findings',
  '19005-8': 'section.impression',
  '18783-1': 'section.recommendation',
};

/** A signed version as it stands: nothing on it can be changed here. */
export function SignedReport({ report, onDelivery, onVersion, action }: { report: Report; onDelivery?: (d: Delivery) => void; onVersion?: (id: string) => void; action?: ComponentChildren }) {
  return (
    <article class="report" data-report={report.id} lang={report.language || 'ja'}>
      <header class="report-head" lang={document.documentElement.lang}>
        <KindChip kind={report.kind} />
        <span class="muted">{t('report.version', { n: report.version })}</span>
        {action ? <span class="report-action">{action}</span> : null}
      </header>
      {onVersion ? <Versions report={report} onVersion={onVersion} /> : null}
      {report.kind === 'retraction' ? <Banner tone="danger">{t('report.retracted')}</Banner> : null}
      {report.kind === 'preliminary' ? <Banner tone="warn">{t('report.unverified')}</Banner> : null}
      <Changes report={report} />
      {report.sections
        .filter((s) => s.text.trim() !== '')
        .map((s) => (
          <section key={s.code} data-code={s.code}>
            <h3>{s.heading || (headings[s.code] ? t(headings[s.code]!) : s.code)}</h3>
            <p class="report-text">{s.text}</p>
            <Codes list={report.marks?.coded?.filter((c) => c.section === s.code) ?? []} />
          </section>
        ))}
      <footer lang={document.documentElement.lang}>
        <dl class="facts">
          <Fact name={t('report.signer')}>
            {named(report.author)}
            {report.author.license ? <span class="muted"> {t('report.license', { n: report.author.license })}</span> : null}
          </Fact>
          {report.firstReader ? <Fact name={t('report.firstReader')}>{named(report.firstReader)}</Fact> : null}
          <Fact name={t('report.signedAt')}>{instant(report.signedAt)}</Fact>
          <Fact name={t('report.hash')}>
            <code title={report.contentHash}>{report.contentHash.slice(0, 16)}</code>
          </Fact>
        </dl>
        <div class="report-links">
          <LinkButton icon="doc" href={documentURL('pdf', report.id)} newTab act="pdf">
            PDF
          </LinkButton>
          <LinkButton icon="doc" href={documentURL('sr', report.id)} act="sr">
            DICOM SR
          </LinkButton>
        </div>
        <Receipts report={report} />
        <Outcomes report={report} />
        <Deliveries list={report.deliveries ?? []} {...(onDelivery ? { onRetried: onDelivery } : {})} />
      </footer>
    </article>
  );
}

/** What the text says in the codes that are sent with it. */
function Codes({ list }: { list: Coded[] }) {
  if (list.length === 0) return null;
  return (
    <ul class="codes muted" lang="en">
      {list.map((c, n) => (
        <li key={n} data-coded={c.finding.value}>
          <Code of={c.finding} />
          {(c.modifiers ?? []).map((m, k) => (
            <Code key={k} of={m.value} />
          ))}
        </li>
      ))}
    </ul>
  );
}

function Code({ of }: { of: Concept }) {
  return (
    <span title={`${of.scheme} ${of.value}`}>
      {of.meaning} <code>{of.value}</code>
    </span>
  );
}

const tones: Record<Delivery['state'], Tone> = { pending: 'neutral', sending: 'strong', delivered: 'ok', failed: 'danger', 'given-up': 'neutral' };

/** Where the report was sent, and whether it was taken there. */
export function Deliveries({ list, onRetried }: { list: Delivery[]; onRetried?: (d: Delivery) => void }) {
  if (list.length === 0) return null;
  const retry = async (d: Delivery) => {
    try {
      onRetried?.(await api.retryDelivery(d.id));
    } catch (e) {
      sayProblem(e);
    }
  };
  return (
    <section class="deliveries" aria-label={t('delivery.title')}>
      <h4>{t('delivery.title')}</h4>
      <ul>
        {list.map((d) => (
          <li key={d.id} data-delivery={d.state}>
            {d.refused && d.state !== 'delivered' && d.state !== 'given-up' ? <Chip tone="danger">{t('delivery.refused')}</Chip> : <Chip tone={tones[d.state] ?? 'neutral'}>{tOr(`delivery.${d.state}`, 'delivery.pending')}</Chip>}
            <span class="delivery-what">
              {d.object.toUpperCase()} → {d.destination}
            </span>
            <span class="muted">
              {d.state === 'delivered' ? instant(d.deliveredAt) : d.attempts > 0 ? t('delivery.attempts', { n: d.attempts }) : ''}
              {d.state === 'pending' && d.nextAt && d.attempts > 0 ? ` · ${t('delivery.next', { at: instant(d.nextAt) })}` : ''}
            </span>
            {onRetried && (d.state === 'failed' || d.state === 'given-up' || (d.state === 'pending' && d.attempts > 0)) ? (
              <Button small onClick={() => void retry(d)} act="retry">
                {t('delivery.retry')}
              </Button>
            ) : null}
            {d.lastError && d.state !== 'delivered' ? (
              <span class="delivery-error">
                <Refusal of={d} />
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
