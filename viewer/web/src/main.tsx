import { render } from 'preact';
import { App } from './app';
import { followLang, lang, learn } from './i18n';
import { ahead } from './reading/ahead';
import { followRoute, route } from './route';
import { boot } from './session';
import { followTheme } from './theme/theme';
import { followClock } from './ui/now';
import './theme/tokens.css';
import './theme/base.css';
import './theme/controls.css';
import './signin/signin.css';
import './worklist/worklist.css';
import './reading/reading.css';
import './viewport/viewport.css';

followTheme();
followLang();
followRoute();
followClock();
void boot();
// A study that the address names is asked for while it is asked who is there.
if (route.value.page === 'read' && route.value.id) ahead.begin(route.value.id);

// The words come while the server is asked who is there.
const root = document.getElementById('app');
void learn(lang.value)
  .catch(() => undefined)
  .then(() => root && render(<App />, root));
