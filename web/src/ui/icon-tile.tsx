// A node's picture on its category's hue: the node's own icon where the server has one, else the category's glyph.
import { type CSSProperties, useEffect, useState } from "react";
import type { Look } from "~/design/categories";
import { hueColor } from "~/design/categories";
import { cx } from "~/lib/cx";
import { type SvgKind, svgKind } from "~/lib/svg-kind";

export interface IconTileProps {
  look: Look;
  /** Address of the node's own icon; a shape is drawn in the tile's colour, letters are set in the tile's type. */
  icon?: string | undefined;
  size?: "xs" | "sm" | "md";
  className?: string;
}

const SIZES = {
  xs: "size-5 rounded-sm [&>*]:size-3 text-[9px]",
  sm: "size-6 rounded-md [&>*]:size-3.5 text-[11px]",
  md: "size-9 rounded-lg [&>*]:size-5 text-[15px]",
};

export function IconTile({ look, icon, size = "md", className }: IconTileProps) {
  const Glyph = look.icon;
  const loaded = useLoaded(icon);
  return (
    <span aria-hidden style={{ "--hue": hueColor(look.hue) } as CSSProperties} className={cx("icon-tile inline-flex shrink-0 items-center overflow-hidden justify-center", SIZES[size], className)}>
      {loaded?.kind === "picture" ? (
        // Its ground covers the tile: the air around it is cut off.
        <img src={icon} alt="" className="size-full! scale-115" />
      ) : loaded?.kind === "letters" ? (
        <span className={cx("icon-letters", loaded.letters.length > 2 && "icon-letters-many")}>{loaded.letters}</span>
      ) : loaded ? (
        <span className="icon-shape" style={{ maskImage: `url("${icon}")` }} />
      ) : (
        <Glyph strokeWidth={2.25} />
      )}
    </span>
  );
}

/** Icons that were asked for, each once; null for those that did not come. */
const asked = new Map<string, Promise<SvgKind | null>>();
/** What came of them, so that a tile drawn later has its icon at once. */
const arrived = new Map<string, SvgKind | null>();

function load(icon: string): Promise<SvgKind | null> {
  const known = asked.get(icon);
  if (known) return known;
  const coming = fetch(icon)
    .then(async (answer) => (answer.ok && answer.headers.get("content-type")?.startsWith("image/") ? svgKind(await answer.text()) : null))
    .catch(() => null)
    .then((kind) => {
      arrived.set(icon, kind);
      return kind;
    });
  asked.set(icon, coming);
  return coming;
}

/** What `icon` is once it is there; a mask that fails to load would draw nothing at all. */
function useLoaded(icon: string | undefined): SvgKind | null {
  const [, setCount] = useState(0);
  useEffect(() => {
    let wanted = true;
    if (icon && !arrived.has(icon)) void load(icon).then((kind) => wanted && kind && setCount((count) => count + 1));
    return () => {
      wanted = false;
    };
  }, [icon]);
  return (icon && arrived.get(icon)) || null;
}
