import type { Pattern } from '../router';
import { About } from './about';
import { Alerts } from './alerts';
import { BalanceView } from './balance';
import { DeviceView } from './device';
import { Devices } from './devices';
import { EnergyView } from './energy';
import { EnvironmentView } from './environment';
import { GatewayView } from './gateway';
import { IndoorsView } from './indoors';
import { Live } from './live';
import { MeterReportView } from './meter_report';
import { Network } from './network';
import { OpenDataView } from './open_data';
import { Overview } from './overview';
import { ParkingView } from './parking';
import { SeriesView } from './series';
import { SeriesList } from './series_list';
import { Towns } from './towns';
import { TrafficView } from './traffic';
import { WasteView } from './waste';

// Of another device or series nothing of the one before is kept: so those have a key.
export const views: Record<Pattern, (at: Record<string, string>) => preact.JSX.Element> = {
  '': () => <Overview />,
  live: () => <Live />,
  alerts: () => <Alerts />,
  devices: () => <Devices />,
  'devices/:eui': ({ eui = '' }) => <DeviceView key={eui} eui={eui} />,
  'meters/:eui': ({ eui = '' }) => <MeterReportView key={eui} eui={eui} />,
  'gateways/:id': ({ id = '' }) => <GatewayView key={id} id={id} />,
  series: () => <SeriesList />,
  'series/:eui/:measure': ({ eui = '', measure = '' }) => (
    <SeriesView key={`${eui}/${measure}`} eui={eui} measure={measure} />
  ),
  towns: () => <Towns />,
  'towns/environment': () => <EnvironmentView />,
  'towns/indoors': () => <IndoorsView />,
  'towns/traffic': () => <TrafficView />,
  'towns/parking': () => <ParkingView />,
  'towns/energy': () => <EnergyView />,
  'towns/balance': () => <BalanceView />,
  'towns/waste': () => <WasteView />,
  'towns/open': () => <OpenDataView />,
  network: () => <Network />,
  about: () => <About />,
};
