// Line icons of our own, one path each.
const paths = {
  map: 'M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14',
  live: 'M3 12h4l2.5-7 5 14L17 12h4',
  alerts: 'M12 4l9 16H3zM12 10v4.5M12 17.2v.3',
  devices: 'M7 3h10v18H7zM10 17h4M10 7h4',
  series: 'M4 4v16h16M7 15l4-5 3 3 5-7',
  towns: 'M4 21V10l5-4 5 4v11M14 21v-8h6v8M2 21h20M8 13h2M8 17h2',
  network: 'M12 13v8M12 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2zM8 15.5a5 5 0 0 1 0-7M16 8.5a5 5 0 0 1 0 7M5 18.5a9 9 0 0 1 0-13M19 5.5a9 9 0 0 1 0 13',
  about: 'M12 5v14M5 12h14',
  key: 'M8 15a4 4 0 1 1 3.5-6H21v3h-2v3h-3v-3h-4.5A4 4 0 0 1 8 15z',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  pause: 'M8 5v14M16 5v14',
  play: 'M8 5l11 7-11 7z',
  search: 'M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zM16 16l5 5',
  back: 'M14 6l-6 6 6 6',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): preact.JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

export function Mark(): preact.JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M6 11c4-5 7 4 11 0s6-4 9-1M6 19c4-5 7 4 11 0s6-4 9-1" />
    </svg>
  );
}
