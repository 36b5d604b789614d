import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/status.css';
import './styles/content.css';
import './styles/tables.css';
import './styles/alerts.css';
import './styles/map.css';
import './styles/plot.css';
import './styles/meter.css';
import './styles/environment.css';
import './styles/rooms.css';
import { startAlerts } from './api/alerts';
import { startConnection } from './api/connection';
import { startInventory } from './api/inventory';
import { App } from './app';
import { startRouter } from './router';

const host = document.getElementById('page');
if (host) {
  startRouter();
  startConnection();
  startInventory();
  startAlerts();
  render(<App />, host);
}
