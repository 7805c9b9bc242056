import { useEffect, useState } from 'preact/hooks';
import { templateURL } from '../api/client';
import type { Macro, Template } from '../api/types';
import { lang, named, t } from '../i18n';
import { api } from '../session';
import { Banner, Blank, Button, Chip, LinkButton, Tabs } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { problemText, sayProblem } from '../ui/problem';
import { say } from '../ui/toast';
import type { DraftKeeper } from './draft';
import { loadMacros, macros } from './macros';

/** The short texts and templates of a reader: to make, to share, to bring in and out. */
export function TextsDialog({ keeper, templates, onChange, onClose }: { keeper: DraftKeeper; templates: Template[]; onChange: () => void; onClose: () => void }) {
  const [tab, setTab] = useState<'macros' | 'templates'>('macros');
  return (
    <Dialog title={t('texts.title')} onClose={onClose} wide name="texts">
      <Tabs
        label={t('texts.title')}
        value={tab}
        onChange={setTab}
        tabs={[
          { id: 'macros', text: t('texts.macros') },
          { id: 'templates', text: t('texts.templates') },
        ]}
      />
      {tab === 'macros' ? <Macros /> : <Templates keeper={keeper} templates={templates} onChange={onChange} />}
    </Dialog>
  );
}

const fresh: Macro = { id: '', name: '', text: '', language: '', shared: false, own: true, owner: { id: '', name: '' }, revision: 0 };

function Macros() {
  const [error, setError] = useState('');
  const load = () => loadMacros(true).catch((e: unknown) => setError(problemText(e)));
  useEffect(() => void load(), []);
  const list = macros.value;
  if (error) return <Banner tone="danger">{error}</Banner>;
  if (!list) return <Blank busy title={t('loading')} />;
  return (
    <div class="texts">
      <p class="muted">{t('texts.macroLead')}</p>
      {list.map((m) => (m.own ? <MacroForm key={m.id} macro={m} onKept={() => void load()} /> : <SharedMacro key={m.id} macro={m} />))}
      <MacroForm key={`new ${list.length}`} macro={fresh} onKept={() => void load()} />
    </div>
  );
}

function SharedMacro({ macro }: { macro: Macro }) {
  return (
    <div class="text-row">
      <strong>.{macro.name}</strong>
      <p class="report-text">{macro.text}</p>
      <Chip>{named(macro.owner)}</Chip>
    </div>
  );
}

function MacroForm({ macro, onKept }: { macro: Macro; onKept: () => void }) {
  const [name, setName] = useState(macro.name);
  const [text, setText] = useState(macro.text);
  const [shared, setShared] = useState(macro.shared);
  const changed = name !== macro.name || text !== macro.text || shared !== macro.shared;
  const act = (f: () => Promise<unknown>) => f().then(onKept, sayProblem);
  return (
    <form
      class="text-row"
      data-macro={macro.name}
      onSubmit={(e) => {
        e.preventDefault();
        void act(() => api.keepMacro({ id: macro.id, name, text, language: macro.language, shared, revision: macro.revision }));
      }}
    >
      <input value={name} maxLength={32} placeholder={t('texts.name')} aria-label={t('texts.name')} data-act="macro-name" onInput={(e) => setName(e.currentTarget.value)} />
      <textarea value={text} rows={2} placeholder={t('texts.text')} aria-label={t('texts.text')} data-act="macro-text" onInput={(e) => setText(e.currentTarget.value)} />
      <label class="check">
        <input type="checkbox" checked={shared} onChange={(e) => setShared(e.currentTarget.checked)} /> {t('texts.shared')}
      </label>
      <span class="text-acts">
        <Button small kind="primary" type="submit" disabled={!changed || !name.trim() || !text.trim()} act="macro-keep">
          {macro.id ? t('texts.keep') : t('texts.add')}
        </Button>
        {macro.id ? (
          <Button small kind="quiet" onClick={() => void act(() => api.removeText(macro.id))}>
            {t('texts.remove')}
          </Button>
        ) : null}
      </span>
    </form>
  );
}

function Templates({ keeper, templates, onChange }: { keeper: DraftKeeper; templates: Template[]; onChange: () => void }) {
  const [read, setRead] = useState<Template | null>(null);
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const [error, setError] = useState('');
  const bring = async (file: File | undefined) => {
    if (!file) return;
    setError('');
    try {
      const x = await api.readTemplate(file, lang.value);
      setRead(x);
      setName(x.name);
    } catch (e) {
      setError(problemText(e));
    }
  };
  const fromText = () => {
    const { findings, impression, recommendation, technique, comparison, history } = keeper.sections.value;
    const sections = { findings, impression, recommendation, technique: technique ?? '', comparison: comparison ?? '', history: history ?? '' };
    setRead({ id: '', language: lang.value, name: '', modality: '', bodyPart: [], items: [], sections });
    setName('');
  };
  const keep = async () => {
    if (!read) return;
    setError('');
    try {
      await api.keepTemplate({ ...read, id: '', revision: 0, name: name.trim() }, shared);
      setRead(null);
      say(t('texts.kept'));
      onChange();
    } catch (e) {
      setError(problemText(e));
    }
  };
  return (
    <div class="texts">
      <p class="muted">{t('texts.templateLead')}</p>
      {error ? <Banner tone="danger">{error}</Banner> : null}
      {templates.map((x) => (
        <div key={x.id} class="text-row" data-template={x.id}>
          <strong>{x.name}</strong>
          <span class="muted">{[x.modality, ...x.bodyPart.slice(0, 3)].filter(Boolean).join(' ')}</span>
          {x.owner ? <Chip tone={x.own ? 'accent' : 'neutral'}>{x.own ? t(x.shared ? 'texts.ownShared' : 'texts.own') : named(x.owner)}</Chip> : <span />}
          <span class="text-acts">
            <LinkButton small kind="quiet" href={templateURL(x.id, x.language)}>
              MRRT
            </LinkButton>
            {x.own ? (
              <Button small kind="quiet" onClick={() => void api.removeText(x.id).then(onChange, sayProblem)}>
                {t('texts.remove')}
              </Button>
            ) : null}
          </span>
        </div>
      ))}
      <div class="text-new">
        <label class="btn small">
          <span>{t('texts.import')}</span>
          <input class="sr" type="file" accept=".html,.htm,text/html" data-act="template-file" onChange={(e) => void bring(e.currentTarget.files?.[0])} />
        </label>
        <Button small disabled={keeper.empty.value} onClick={fromText} act="template-from-text">
          {t('texts.fromText')}
        </Button>
      </div>
      {read ? (
        <div class="text-read" data-read={read.items.length}>
          <input value={name} maxLength={200} placeholder={t('texts.templateName')} aria-label={t('texts.templateName')} data-act="template-name" onInput={(e) => setName(e.currentTarget.value)} />
          <p class="muted">{t('texts.read', { n: read.items.length })}</p>
          <p class="report-text">{(read.normal ?? read.sections).findings || read.items.map((i) => i.label).join(' · ')}</p>
          <label class="check">
            <input type="checkbox" checked={shared} onChange={(e) => setShared(e.currentTarget.checked)} /> {t('texts.shared')}
          </label>
          <Button small kind="primary" disabled={!name.trim()} onClick={() => void keep()} act="template-keep">
            {t('texts.keep')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
