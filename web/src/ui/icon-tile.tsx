// A node's picture on its category's hue: the node's own icon where the server has one, else the category's glyph.
import { type CSSProperties, useEffect, useState } from "react";
import type { Look } from "~/design/categories";
import { hueColor } from "~/design/categories";
import { cx } from "~/lib/cx";

export interface IconTileProps {
  look: Look;
  /** Address of the node's own icon; its shape is drawn in the tile's colour. */
  icon?: string | undefined;
  size?: "sm" | "md";
  className?: string;
}

export function IconTile({ look, icon, size = "md", className }: IconTileProps) {
  const Glyph = look.icon;
  const loaded = useLoaded(icon);
  return (
    <span
      aria-hidden
      style={{ "--hue": hueColor(look.hue) } as CSSProperties}
      className={cx(
        "icon-tile inline-flex shrink-0 items-center justify-center",
        size === "md" ? "size-9 rounded-lg [&>*]:size-5" : "size-6 rounded-md [&>*]:size-3.5",
        className,
      )}
    >
      {loaded ? <span className="icon-shape" style={{ maskImage: `url("${loaded}")` }} /> : <Glyph strokeWidth={2.25} />}
    </span>
  );
}

/** Icons that were asked for, and whether they came: each is asked for once. */
const asked = new Map<string, Promise<boolean>>();

function load(icon: string): Promise<boolean> {
  const known = asked.get(icon);
  if (known) return known;
  const coming = new Promise<boolean>((resolve) => {
    const image = new Image();
    image.addEventListener("load", () => resolve(true));
    image.addEventListener("error", () => resolve(false));
    image.src = icon;
  });
  asked.set(icon, coming);
  return coming;
}

/** `icon` once it is there; a mask that fails to load would draw nothing at all. */
function useLoaded(icon: string | undefined): string | undefined {
  const [loaded, setLoaded] = useState<string>();
  useEffect(() => {
    let wanted = true;
    if (icon) void load(icon).then((came) => wanted && came && setLoaded(icon));
    return () => {
      wanted = false;
    };
  }, [icon]);
  return loaded === icon ? loaded : undefined;
}
