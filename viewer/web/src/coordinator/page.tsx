import { t, type Key } from '../i18n';
import { href, route } from '../route';
import { TopBar } from '../ui/topbar';
import { Hospitals } from './hospitals';
import { Overview } from './overview';
import { Panels, Readers, Rules } from './people';
import { Workitems } from './workitems';
import '../hospital/hospital.css';
import './coordinator.css';

const sections = ['overview', 'workitems', 'hospitals', 'readers', 'panels', 'rules'] as const;
type Section = (typeof sections)[number];

function current(page: string): Section {
  return (sections as readonly string[]).includes(page) ? (page as Section) : 'overview';
}

/** The desk of the coordinator: everything that is under way, and who does what by which rule. */
export function Coordinator() {
  const at = current(route.value.page);
  return (
    <div class="page">
      <TopBar>
        <nav class="sections" aria-label={t('coord.title')}>
          {sections.map((s) => (
            <a key={s} href={href(s)} aria-current={s === at ? 'page' : undefined} data-section={s}>
              {t(`coord.${s}` as Key)}
            </a>
          ))}
        </nav>
      </TopBar>
      {at === 'workitems' ? <Workitems selected={route.value.id} /> : <main id="content" tabIndex={-1} class="list-page">{sectionBody(at)}</main>}
    </div>
  );
}

function sectionBody(at: Section) {
  switch (at) {
    case 'hospitals':
      return <Hospitals />;
    case 'readers':
      return <Readers />;
    case 'panels':
      return <Panels />;
    case 'rules':
      return <Rules />;
    default:
      return <Overview />;
  }
}
