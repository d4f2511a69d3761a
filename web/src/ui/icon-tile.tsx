// A node's picture on its category's hue: the node's own icon where the server has one, else the category's glyph.
import { type CSSProperties, useEffect, useState } from "react";
import type { Look } from "~/design/categories";
import { hueColor } from "~/design/categories";
import { cx } from "~/lib/cx";

export interface IconTileProps {
  look: Look;
  /** Address of the node's own icon; its shape is drawn in the tile's colour, letters as they are. */
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
        "icon-tile inline-flex shrink-0 items-center overflow-hidden justify-center",
        size === "md" ? "size-9 rounded-lg [&>*]:size-5" : "size-6 rounded-md [&>*]:size-3.5",
        className,
      )}
    >
      {loaded === "picture" ? (
        // Its ground covers the tile: the air around it is cut off.
        <img src={icon} alt="" className="size-full! scale-115" />
      ) : loaded ? (
        <span className="icon-shape" style={{ maskImage: `url("${icon}")` }} />
      ) : (
        <Glyph strokeWidth={2.25} />
      )}
    </span>
  );
}

/** `shape` is drawn in the tile's colour; `picture` has letters on a ground of its own, of which a shape would be a full square. */
type Kind = "shape" | "picture" | undefined;

/** Icons that were asked for, and what they are; undefined when they did not come. Each is asked for once. */
const asked = new Map<string, Promise<Kind>>();

function load(icon: string): Promise<Kind> {
  const known = asked.get(icon);
  if (known) return known;
  const coming = fetch(icon)
    .then(async (answer): Promise<Kind> => {
      if (!answer.ok || !answer.headers.get("content-type")?.startsWith("image/")) return undefined;
      return /<text[\s>]/.test(await answer.text()) ? "picture" : "shape";
    })
    .catch(() => undefined);
  asked.set(icon, coming);
  return coming;
}

/** What `icon` is once it is there; a mask that fails to load would draw nothing at all. */
function useLoaded(icon: string | undefined): Kind {
  const [loaded, setLoaded] = useState<{ icon: string; kind: Kind }>();
  useEffect(() => {
    let wanted = true;
    if (icon) void load(icon).then((kind) => wanted && kind && setLoaded({ icon, kind }));
    return () => {
      wanted = false;
    };
  }, [icon]);
  return loaded?.icon === icon ? loaded?.kind : undefined;
}
