import { render } from 'preact';
import { App } from './app';
import { followLang, lang, learn } from './i18n';
import { followRoute } from './route';
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

// The words come while the server is asked who is there.
const root = document.getElementById('app');
void learn(lang.value)
  .catch(() => undefined)
  .then(() => root && render(<App />, root));
