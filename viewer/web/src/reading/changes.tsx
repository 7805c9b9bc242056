import { useState } from 'preact/hooks';
import type { Report } from '../api/types';
import { t } from '../i18n';
import { api } from '../session';
import { Banner, Blank, Button } from '../ui/controls';
import { useLoad } from '../ui/load';

/** How a version came out of the one before it, on request. */
export function Changes({ report }: { report: Report }) {
  const [open, setOpen] = useState(false);
  if (!report.predecessor) return null;
  return (
    <div class="changes" lang={document.documentElement.lang}>
      <Button small kind="quiet" expanded={open} onClick={() => setOpen(!open)} act="changes">
        {t(open ? 'changes.hide' : 'changes.show')}
      </Button>
      {open ? <List report={report} /> : null}
    </div>
  );
}

function List({ report }: { report: Report }) {
  const changes = useLoad(() => api.changes(report.id), [report.id]);
  if (!changes.data) return changes.error ? <Banner tone="danger">{changes.error}</Banner> : <Blank busy title={t('loading')} />;
  return (
    <div class="change-list" lang={report.language}>
      {changes.data.map((s, n) => (
        <section key={n}>
          <h4>{s.heading}</h4>
          <p class="report-text">
            {s.edits.map((e, i) => (e.op === 'insert' ? <ins key={i}>{e.text}</ins> : e.op === 'delete' ? <del key={i}>{e.text}</del> : <span key={i}>{e.text}</span>))}
          </p>
        </section>
      ))}
    </div>
  );
}
