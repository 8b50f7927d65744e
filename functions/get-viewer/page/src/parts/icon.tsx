// The page's signs, as paths on a grid of 16. They are decoration: a word stands beside each, or labels its button.

const PATHS = {
  logo: 'M8 1.7a6.3 6.3 0 1 0 0 12.6A6.3 6.3 0 1 0 8 1.7M8 6.6a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 1 0 0-2.8',
  lock: 'M4.7 7h6.6a1.5 1.5 0 0 1 1.5 1.5V12a1.5 1.5 0 0 1-1.5 1.5H4.7A1.5 1.5 0 0 1 3.2 12V8.5A1.5 1.5 0 0 1 4.7 7M5.3 7V5a2.7 2.7 0 0 1 5.4 0v2',
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  dot: 'M8 6a2 2 0 1 0 0 4 2 2 0 1 0 0-4',
  pause: 'M5 3.5v9M11 3.5v9',
  find: 'M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 1 0 0-8.4M10.2 10.2l3 3',
  copy: 'M7 5.5h4.5A1.5 1.5 0 0 1 13 7v4.5A1.5 1.5 0 0 1 11.5 13H7A1.5 1.5 0 0 1 5.5 11.5V7A1.5 1.5 0 0 1 7 5.5M10.5 3H4.5A1.5 1.5 0 0 0 3 4.5v6',
  down: 'M8 2.8v7.4M4.8 7.2L8 10.4l3.2-3.2M3 13.2h10',
  compare:
    'M3.5 3h2.3a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H3.5a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1M10.2 3h2.3a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-2.3a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1',
  bin: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5',
  right: 'M6 4l4 4-4 4',
  left: 'M10 4L6 8l4 4',
  open: 'M4 6l4 4 4-4',
  moon: 'M12.8 9.7A5.3 5.3 0 0 1 6.3 3.2 5.3 5.3 0 1 0 12.8 9.7z',
  link: 'M6.7 9.3a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.7.7M9.3 6.7a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.7-.7',
  tool: 'M9.8 3.2a3.2 3.2 0 0 0-3 4.4L3 11.4a1.2 1.2 0 0 0 1.7 1.7l3.8-3.8a3.2 3.2 0 0 0 4.3-3.9L10.7 7.4 8.7 5.4z',
  again: 'M12.8 6.5A5 5 0 1 0 13 9.5M13 3.5v3h-3',
  cog: 'M8 6a2 2 0 1 0 0 4 2 2 0 1 0 0-4M8 2.5v1.6M8 11.9v1.6M2.5 8h1.6M11.9 8h1.6M4.1 4.1l1.2 1.2M10.7 10.7l1.2 1.2M4.1 11.9l1.2-1.2M10.7 5.3l1.2-1.2',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name, class: extra = '' }: { name: IconName; class?: string }) => (
  <svg class={`i ${extra}`} viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
