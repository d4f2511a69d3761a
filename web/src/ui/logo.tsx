// The mark: three sheets of flowing stone, each laid down a little shorter than the one above.
import { cx } from "~/lib/cx";

export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={cx("shrink-0", className)}>
      <rect width="32" height="32" rx="8" className="fill-primary" />
      <g fill="none" strokeWidth="3" strokeLinecap="round" className="stroke-on-primary">
        <path d="M8 10.5c3.4-2.6 6.3-2.6 9 0s4.7 2.4 7 .4" />
        <path d="M8 17c2.9-2.2 5.4-2.2 7.7 0 1.7 1.6 3.1 1.9 4.5 1.1" opacity=".8" />
        <path d="M8 23.3c1.9-1.4 3.5-1.4 5 .1" opacity=".6" />
      </g>
    </svg>
  );
}

export function Logo({ className }: { className?: string }) {
  return (
    <span className={cx("inline-flex items-center gap-2.5 align-top", className)}>
      <LogoMark className="size-7" />
      <span className="text-lg font-semibold tracking-tight text-ink">Flowstone</span>
    </span>
  );
}
