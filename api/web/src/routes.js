// Every view's address, the first that fits. Plain JavaScript, so that the browser tests read the same list: a view that
// they do not open is a failure.
export const patterns = /** @type {const} */ ([
  '',
  'live',
  'alerts',
  'devices',
  'devices/:eui',
  'meters/:eui',
  'gateways/:id',
  'series',
  'series/:eui/:measure',
  'towns',
  'towns/environment',
  'towns/indoors',
  'towns/traffic',
  'towns/parking',
  'towns/energy',
  'towns/balance',
  'towns/waste',
  'towns/open',
  'network',
  'about',
]);
