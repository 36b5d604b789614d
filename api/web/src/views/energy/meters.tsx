import { useState } from 'preact/hooks';
import type { Series } from '../../api/types';
import { measureName } from '../../format/measures';
import { integer } from '../../format/numbers';
import { ago } from '../../format/time';
import { useText } from '../../i18n';
import { DeviceLink } from '../../parts/device_link';
import { useNow } from '../../parts/now';
import { SearchField } from '../../parts/pickers';
import { StackedTable } from '../../parts/stacked_table';
import { href } from '../../router';

const most = 25;

// The meters of a town; each leads to the report of its months.
export function MetersCard({ meters }: { meters: readonly Series[] }): preact.JSX.Element {
  const t = useText();
  const now = useNow();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found = meters
    .filter(({ device, site, dev_eui }) => `${device} ${site ?? ''} ${dev_eui}`.toLowerCase().includes(wanted))
    .sort((a, b) => `${a.site} ${a.device}`.localeCompare(`${b.site} ${b.device}`, 'de', { numeric: true }));
  return (
    <section class="card table-card" data-test="meters">
      <h2>{t('meters.title')}</h2>
      <p class="quiet">{t('meters.intro')}</p>
      <div class="controls padded">
        <SearchField label={t('series.search')} value={text} change={setText} />
      </div>
      <StackedTable
        test="meter-list"
        columns={[{ label: t('col.device') }, { label: t('col.measure') }, { label: t('meters.report') }, { label: t('col.seen'), num: true }]}
        rows={found.slice(0, most).map((meter) => ({
          key: `${meter.dev_eui} ${meter.measure}`,
          cells: [
            <DeviceLink key="who" of={meter} />,
            measureName(meter.measure),
            <a key="report" href={href(['meters', meter.dev_eui])}>
              {t('meters.month')}
            </a>,
            ago(meter.last, now),
          ],
        }))}
      />
      {found.length > most && <p class="foot quiet">{t('state.truncated', { count: integer(most) })}</p>}
    </section>
  );
}
