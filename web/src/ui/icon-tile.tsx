// A node's picture: its category's glyph on its category's hue.
import type { Look } from "~/design/categories";
import { hueColor } from "~/design/categories";
import { cx } from "~/lib/cx";

export function IconTile({ look, size = "md", className }: { look: Look; size?: "sm" | "md"; className?: string }) {
  const Icon = look.icon;
  return (
    <span
      aria-hidden
      style={{ "--hue": hueColor(look.hue) } as React.CSSProperties}
      className={cx(
        "icon-tile inline-flex shrink-0 items-center justify-center",
        size === "md" ? "size-9 rounded-lg [&_svg]:size-4.5" : "size-6 rounded-md [&_svg]:size-3.5",
        className,
      )}
    >
      <Icon strokeWidth={2.25} />
    </span>
  );
}
