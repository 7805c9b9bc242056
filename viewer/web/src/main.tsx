import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app';
import { followLang, lang, learn } from './i18n';
import { ahead } from './reading/ahead';
import { followRoute, route } from './route';
import { boot, bootError, broken, me } from './session';
import { followTheme } from './theme/theme';
import { followClock } from './ui/now';
import { firstOver, firstSeen } from './viewport/first';
import './theme/tokens.css';
import './theme/base.css';
import './theme/controls.css';
import './worklist/worklist.css';
import './reading/reading.css';
import './viewport/viewport.css';
import './viewport/first.css';

followTheme();
followLang();
followRoute();
followClock();
void boot();
// A study that the address names is asked for while it is asked who is there.
if (route.value.page === 'read' && route.value.id) ahead.begin(route.value.id);

// Whoever is there may not be who reads it.
effect(() => {
  const who = me.value;
  if (bootError.value || broken.value || route.value.page !== 'read' || (who !== undefined && (who?.desk !== 'reading' || who.needs.length > 0))) firstOver();
});

// The words come while the server is asked who is there. A first picture is not held up by
// the making of the page.
const root = document.getElementById('app');
void Promise.all([learn(lang.value).catch(() => undefined), firstSeen()]).then(() => root && render(<App />, root));
