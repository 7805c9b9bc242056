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

const sections = ['overview', 'workitems', 'desks', 'escalations', 'board', 'reconcile', 'archive', 'quality', 'rules', 'hospitals', 'readers', 'panels', 'shifts', 'figures', 'accounts', 'tokens', 'emergencies', 'links', 'store', 'audit'] as const;
type Section = (typeof sections)[number];

// What a section shows is asked for under this right.
const rightOf: Record<Section, string> = {
  overview: 'worklist.read',
  workitems: 'worklist.read',
  desks: 'workitem.assign',
  escalations: 'workitem.assign',
  board: 'report.view',
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

function shown(): Section[] {
  return sections.filter((s) => may(rightOf[s]));
}

function current(page: string): Section {
  const mine = shown();
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
    <div class="page">
      <TopBar>
        <nav class="sections" aria-label={t('coord.title')}>
          {shown().map((s) => (
            <a key={s} href={href(s)} aria-current={s === at ? 'page' : undefined} data-section={s}>
              {t(`coord.${s}` as Key)}
            </a>
          ))}
        </nav>
      </TopBar>
      {may('workitem.assign') ? <EscalationBanner here={at === 'escalations'} /> : null}
      {at === 'workitems' ? <Workitems selected={route.value.id} /> : <main id="content" tabIndex={-1} class="list-page">{sectionBody(at)}</main>}
    </div>
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
