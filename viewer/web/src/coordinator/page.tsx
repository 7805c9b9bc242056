import { useEffect, useRef } from 'preact/hooks';
import { t, type Key } from '../i18n';
import { href, route } from '../route';
import { may } from '../session';
import { useLive } from '../ui/load';
import { say } from '../ui/toast';
import { TopBar } from '../ui/topbar';
import { Accounts } from './accounts';
import { Audit } from './audit';
import { Emergencies } from './emergencies';
import { Quality } from '../archive/quality';
import { ReportSearch } from '../archive/search';
import { Board } from '../hospital/board';
import { Hospitals } from './hospitals';
import { Links } from './links';
import { Tokens } from './tokens';
import { Overview } from './overview';
import { Parked } from './parked';
import { Store } from './store';
import { Desks } from './desks';
import { EscalationBanner, Escalations } from './escalations';
import { Figures } from './figures';
import { Panels, Readers } from './people';
import { Reconcile } from './reconcile';
import { Rules } from './rules';
import { Shifts } from './shifts';
import { Workitems } from './workitems';
import '../hospital/hospital.css';
import './coordinator.css';
import './routing.css';

// In the order of a day's work: what is under way, what came of it, who takes part, what the house keeps.
const groups = {
  work: ['overview', 'workitems', 'desks', 'escalations', 'reconcile'],
  reports: ['board', 'deliveries', 'archive', 'quality', 'figures'],
  directory: ['hospitals', 'readers', 'panels', 'shifts', 'rules'],
  house: ['accounts', 'tokens', 'links', 'emergencies', 'store', 'audit'],
} as const;
type Group = keyof typeof groups;
type Section = (typeof groups)[Group][number];

// What a section shows is asked for under this right.
const rightOf: Record<Section, string> = {
  overview: 'worklist.read',
  workitems: 'worklist.read',
  desks: 'workitem.assign',
  escalations: 'workitem.assign',
  board: 'report.view',
  deliveries: 'delivery.giveup',
  reconcile: 'order.manage',
  shifts: 'directory.view',
  figures: 'directory.view',
  archive: 'report.view',
  quality: 'report.research',
  hospitals: 'directory.view',
  readers: 'directory.view',
  panels: 'directory.view',
  rules: 'directory.view',
  accounts: 'user.manage',
  tokens: 'token.manage',
  emergencies: 'emergency.review',
  links: 'patient.link',
  store: 'directory.view',
  audit: 'audit.view',
};

function shown(group: Group): Section[] {
  return groups[group].filter((s) => may(rightOf[s]));
}

function current(page: string): Section {
  const mine = (Object.keys(groups) as Group[]).flatMap(shown);
  return mine.find((s) => s === page) ?? mine[0] ?? 'overview';
}

/** The desk of the coordinator: everything that is under way, and who does what by which rule. */
export function Coordinator() {
  const at = current(route.value.page);
  // Whoever has to review it is told at once, on whatever section they are.
  useLive(
    (_, kind) => kind === 'emergency' && may('emergency.review'),
    () => say(t('emergency.told'), true),
  );
  return (
    <div class="page beside">
      <TopBar />
      <Sections at={at} />
      {may('workitem.assign') ? <EscalationBanner here={at === 'escalations'} /> : null}
      {at === 'workitems' ? <Workitems selected={route.value.id} /> : <main id="content" tabIndex={-1} class="list-page">{sectionBody(at)}</main>}
    </div>
  );
}

/** Every section by group: a column, on a phone a line that is moved to where one is. */
function Sections({ at }: { at: Section }) {
  const here = useRef<HTMLAnchorElement>(null);
  useEffect(() => here.current?.scrollIntoView({ block: 'nearest', inline: 'center' }), [at]);
  return (
    <nav class="sections column" aria-label={t('coord.title')}>
      {(Object.keys(groups) as Group[]).map((g) => {
        const mine = shown(g);
        if (mine.length === 0) return null;
        return (
          <div key={g} role="group" aria-label={t(`coord.group.${g}`)}>
            <small aria-hidden="true">{t(`coord.group.${g}`)}</small>
            {mine.map((s) => (
              <a key={s} ref={s === at ? here : undefined} href={href(s)} aria-current={s === at ? 'page' : undefined} data-section={s}>
                {t(`coord.${s}` as Key)}
              </a>
            ))}
          </div>
        );
      })}
    </nav>
  );
}

function sectionBody(at: Section) {
  switch (at) {
    case 'archive':
      return (
        <>
          <h1>{t('coord.archive')}</h1>
          <ReportSearch page="study" />
        </>
      );
    case 'quality':
      return (
        <>
          <h1>{t('coord.quality')}</h1>
          <Quality />
        </>
      );
    case 'board':
      return <Board page="study" />;
    case 'deliveries':
      return <Parked />;
    case 'desks':
      return <Desks />;
    case 'escalations':
      return <Escalations />;
    case 'reconcile':
      return <Reconcile />;
    case 'shifts':
      return <Shifts />;
    case 'figures':
      return <Figures />;
    case 'hospitals':
      return <Hospitals />;
    case 'readers':
      return <Readers />;
    case 'panels':
      return <Panels />;
    case 'rules':
      return <Rules />;
    case 'accounts':
      return <Accounts />;
    case 'tokens':
      return <Tokens />;
    case 'emergencies':
      return <Emergencies />;
    case 'links':
      return <Links />;
    case 'store':
      return <Store />;
    case 'audit':
      return <Audit />;
    default:
      return <Overview />;
  }
}
