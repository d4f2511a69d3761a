/** @jsxImportSource preact */
// The widget's few signs, drawn here so that nothing is loaded for them.

const PATHS = {
  chat: "M21 11.5a8.4 8.4 0 0 1-9 8.4 9.6 9.6 0 0 1-4-.9L3 20.5l1.6-4.4A8 8 0 0 1 3 11.5 8.6 8.6 0 0 1 12 3a8.6 8.6 0 0 1 9 8.5Z",
  close: "M6 6l12 12M18 6 6 18",
  down: "m6 9 6 6 6-6",
  next: "m9 6 6 6-6 6",
  save: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  stop: "M7 7h10v10H7z",
  clear: "M4 4v6h6M4.9 15a8 8 0 1 0 1.3-8.5L4 10",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  up: "M7 10v11M7 10l4.5-7a2.3 2.3 0 0 1 2 3.4L13 10h5.6a2 2 0 0 1 2 2.4l-1.4 7a2 2 0 0 1-2 1.6H7M7 10H3v11h4",
  thumbDown: "M17 14V3M17 14l-4.5 7a2.3 2.3 0 0 1-2-3.4L11 14H5.4a2 2 0 0 1-2-2.4l1.4-7a2 2 0 0 1 2-1.6H17M17 14h4V3h-4",
  clip: "m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8",
  mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3ZM5 11a7 7 0 0 0 14 0M12 18v3",
  retry: "M20 4v6h-6M19.1 15a8 8 0 1 1-1.3-8.5L20 10",
} as const;

export function Icon({ name, size = 20 }: { name: keyof typeof PATHS; size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
