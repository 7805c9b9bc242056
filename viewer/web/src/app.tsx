import { signal } from '@preact/signals';
import { Component, type ComponentChildren } from 'preact';
import { Blank, Button } from './ui/controls';
import { Toasts } from './ui/toast';
import { learnAll, t } from './i18n';
import { boot, bootError, broken, expired, invited, me, proving } from './session';
import { codeText } from './ui/problem';
import { route } from './route';
import { Reading } from './reading/page';
import { Worklist } from './worklist/page';
import { lazy } from './ui/lazy';

const SignIn = lazy(() => import('./signin/page').then((m) => m.SignIn));
const SignInAgain = lazy(() => import('./signin/page').then((m) => m.SignInAgain), true);
const SignOnLink = lazy(() => import('./signin/sso').then((m) => m.SignOnLink));
// A reader never sees these two, and a reader is who waits for pictures.
const Coordinator = lazy(() => import('./coordinator/page').then((m) => m.Coordinator));
const Entering = lazy(() => import('./account/entering').then((m) => m.Entering));
const Invitation = lazy(() => import('./account/entering').then((m) => m.Invitation));
const Account = lazy(() => import('./account/page').then((m) => m.Account));
const Prove = lazy(() => import('./account/prove').then((m) => m.Prove));
const ArchivePage = lazy(() => import('./archive/page').then((m) => m.ArchivePage));
const StudyPage = lazy(() => import('./hospital/study').then((m) => m.StudyPage));
const Invites = lazy(() => import('./room/invites').then((m) => m.Invites), true);
const Renew = lazy(() => import('./renew').then((m) => m.Renew), true);
const Hospital = lazy(() => import('./hospital/page').then((m) => m.Hospital));

// Long after the first image, and long before it is needed.
const calm = signal(false);
setTimeout(() => {
  calm.value = true;
  // A session may end when the server has the page of another build only: then what was
  // typed can be kept by signing in alone.
  void Promise.all([import('./signin/page'), learnAll()]).catch(() => undefined);
}, 10_000);

export function App() {
  const { page, id } = route.value;
  return (
    <>
      {me.value && (calm.value || broken.value) ? <Renew /> : null}
      <Guard key={page + id}>
        <Page />
      </Guard>
      {expired.value ? <SignInAgain /> : null}
      {proving.value ? <Prove /> : null}
      {me.value && invited.value ? <Invites key={invited.value} study={invited.value} onClose={() => (invited.value = '')} /> : null}
      <Toasts />
    </>
  );
}

// What cannot be drawn would leave the page as it was, and dead.
class Guard extends Component<{ children: ComponentChildren }, { failed?: boolean }> {
  override componentDidCatch(e: unknown) {
    reportError(e);
    broken.value = true;
    this.setState({ failed: true });
  }
  override render() {
    return this.state.failed ? <Blank icon="warn" title={codeText('strange')} /> : this.props.children;
  }
}

function Page() {
  const who = me.value;
  if (who === undefined) {
    if (!bootError.value) return <Blank busy title={t('loading')} />;
    return (
      <Blank icon="warn" title={codeText(bootError.value)}>
        <Button onClick={() => void boot()}>{t('retry')}</Button>
      </Blank>
    );
  }
  const { page, id } = route.value;
  if (page === 'invitation' && id) return <Invitation />;
  if (page === 'sso' && id) return <SignOnLink />;
  if (who === null) return <SignIn />;
  if (who.needs.length > 0) return <Entering />;
  if (page === 'account') return <Account />;
  if (page === 'study' && id) return <StudyPage key={id} id={id} />;
  switch (who.desk) {
    case 'reading':
      if (page === 'reports') return <ArchivePage />;
      return page === 'read' && id ? <Reading key={id} id={id} /> : <Worklist />;
    case 'hospital':
      return <Hospital />;
    default:
      return <Coordinator />;
  }
}
