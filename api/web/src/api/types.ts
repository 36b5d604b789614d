// What the server answers, as its OpenAPI document says. Times are RFC 3339 UTC, EUIs lower-case hex.

export interface Status {
  version: string;
  started: string;
  now: string;
  simulated: boolean;
  uplinks_total: number;
  uplinks_per_minute: number;
  devices: number;
  devices_seen_1h: number;
  gateways: number;
  gateways_online: number;
  tenants: number;
  log: { type: string; end: string | null };
}

export interface Location {
  latitude: number;
  longitude: number;
  approximate?: boolean;
}

export interface Tenant {
  name: string;
  title: string;
  ags: string | null;
  open: string[]; // use cases whose results it publishes
  devices: number;
  gateways: number;
  uplinks: number;
  last_seen: string | null;
}

export interface Gateway {
  gateway_id: string;
  name: string;
  tenant: string | null;
  location: Location | null;
  last_seen: string | null;
  online: boolean;
  rx_received: number;
  rx_ok: number;
  tx_emitted: number;
}

/** The record of the log that brought a value. */
export interface Source {
  topic: string;
  partition: number;
  offset: number;
}

export interface LatestValue {
  measure: string;
  value: number;
  unit: string;
  time: string;
  source: Source | null;
  flagged?: Flagged;
}

/** A newer sample that does not count, because a rule of quality marks it. */
export interface Flagged {
  value: number;
  time: string;
  flags: ('out_of_range' | 'clock_suspect' | 'implausible' | 'step' | 'flat')[];
}

export interface Device {
  dev_eui: string;
  name: string;
  tenant: string;
  site: string | null;
  profile: string | null;
  location: Location | null;
  last_seen: string | null;
  f_cnt: number | null;
  rssi: number | null;
  snr: number | null;
  latest: LatestValue[];
}

export interface Latest {
  tenant: string;
  site: string | null;
  dev_eui: string;
  device: string;
  measure: string;
  unit: string;
  kind: string;
  value: number;
  time: string;
  flagged?: Flagged;
  location: Location | null;
}

export interface Series {
  tenant: string;
  site: string | null;
  dev_eui: string;
  device: string;
  measure: string;
  unit: string;
  kind: string;
  windows: string[];
  first: string | null;
  last: string | null;
}

// One window of one series. Gauges have null state fields and the other way round.
export interface AggregateRow {
  tenant: string;
  site: string | null;
  dev_eui: string;
  device: string;
  measure: string;
  unit: string;
  kind: string;
  window: string;
  start: string;
  end: string;
  count: number | null;
  mean: number | null;
  min: number | null;
  min_time: string | null;
  max: number | null;
  max_time: string | null;
  deviation: number | null;
  p10: number | null;
  p50: number | null;
  p85: number | null;
  p90: number | null;
  sum: number | null;
  occupied_share: number | null;
  occupied_s: number | null;
  known_s: number | null;
  arrivals: number | null;
  transitions: number | null;
  estimated: number | null;
  resets: number | null;
  interpolated: number | null;
  reverse: number | null;
  exchanges: number | null;
  quarantined: number | null;
  quality: 'W' | 'I' | 'E' | 'M' | 'P' | null;
  coverage: number | null;
  /** Null where the coverage is unknown. */
  valid: boolean | null;
  final: boolean;
  revision: number;
  /** Samples that a rule of quality has marked: the result is without them. */
  left_out?: number | null;
  /** Of places: how many of their members have a usable result. */
  members_used?: number;
  members_total?: number;
  lowest?: number | null;
  highest?: number | null;
  indicators?: Indicator[];
}

export interface Indicator {
  name: string;
  value: number;
  unit: string;
  level: string | null;
  valid: boolean | null;
  version: number;
  indicative: boolean;
}

export interface Observation {
  value: number;
  time: string;
}

// One alert as it is now, or one of its changes. Numbers of a silent device are null.
export interface Alert {
  tenant: string | null;
  site: string | null;
  dev_eui: string;
  device: string;
  use_case: string;
  use_case_version: number;
  rule: string;
  state: 'ok' | 'pending' | 'firing' | 'acknowledged' | 'resolved';
  reason: AlertReason;
  revision: number;
  severity: 'info' | 'warning' | 'alarm';
  text: Record<string, string>;
  measure: string;
  unit: string;
  window: string | null;
  statistic: string | null;
  comparison: 'above' | 'below' | null;
  threshold: number | null;
  hysteresis: number | null;
  first: Observation | null;
  last: Observation | null;
  extreme: Observation | null;
  observations: number;
  last_sample: string | null;
  silent_after_s: number | null;
  rate: { per_hour_over_15min: number | null; per_hour_over_60min: number | null } | null;
  forecast: { rule: string; threshold: number; after_s: number } | null;
  firing_since: string | null;
  since: string | null;
  changed: string | null;
  actor: string | null;
  note: string | null;
  now?: { value: number; unit: string; time: string } | null;
}

export type AlertReason =
  | 'value'
  | 'silence'
  | 'operator'
  | 'rule_changed'
  | 'rule_removed'
  | 'use_case_changed'
  | 'device_removed'
  | 'series_changed';

export interface AlertWithChanges extends Alert {
  changes: Alert[];
}

export interface Acknowledged {
  position: string;
  alert: Alert;
}

// How transmissions were heard in about the last day.
export interface Radio {
  uplinks: number;
  lost: number;
  loss: number | null;
  link_margin: number | null;
  link_margin_min: number | null;
  gateways: number | null;
  alone: number | null;
  spreading_factors: number[];
  airtime_s: number;
  joins: number;
}

export interface NetworkDevice extends Radio {
  dev_eui: string;
  name: string;
  tenant: string;
  site: string | null;
  profile: string | null;
  last_seen: string | null;
  interval_s: number | null;
  silent: boolean | null;
  gateway_id: string | null;
}

export interface NetworkDevices {
  since: string;
  complete: boolean;
  totals: Radio & { devices: number; silent: number; never_heard: number };
  items: NetworkDevice[];
}

// What a gateway sent within an hour on a part of the band, and what it may.
export interface SubBand {
  name: string;
  min_frequency: number; // Hz
  max_frequency: number;
  used_s: number;
  left_s: number;
  used: number | null;
}

export interface NetworkGateway {
  gateway_id: string;
  name: string;
  tenant: string | null;
  last_seen: string | null;
  online: boolean;
  availability: number | null;
  minutes: number;
  frames: number;
  frames_alone: number;
  alone: number | null;
  rx_ok: number | null;
  uplink_airtime_s: number;
  downlink_airtime_s: number;
  downlinks: number;
  downlinks_refused: number;
  duty_cycle_refused: number;
  foreign_frames: number;
  foreign_airtime_s: number;
  sub_bands: SubBand[];
  channels: { frequency: number; frames: number; airtime_s: number; load: number | null }[];
}

export interface Items<T> {
  items: T[];
}

export interface Page<T> extends Items<T> {
  next: string | null;
}

// One event of the live stream: the fields depend on the type, so all but the type are optional.
export interface LiveEvent {
  type: string;
  id?: string;
  position?: string;
  time?: string;
  tenant?: string;
  dev_eui?: string;
  dev_addr?: string;
  f_cnt?: number;
  f_port?: number | null;
  confirmed?: boolean;
  payload?: string;
  decoded?: unknown;
  data_rate?: string;
  frequency?: number;
  gateway_id?: string;
  rssi?: number;
  snr?: number;
  gateways?: { gateway_id: string; rssi?: number; snr?: number }[];
  level?: string;
  code?: string;
  message?: string;
  decode_error?: string;
  retransmission?: boolean;
  acknowledged?: boolean;
  error?: string;
  battery_percent?: number | null;
  external_power?: boolean;
  margin?: number;
  [field: string]: unknown;
}
