import { render } from 'preact';
import { App } from './app';
import { followLang } from './i18n';
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

const root = document.getElementById('app');
if (root) render(<App />, root);
